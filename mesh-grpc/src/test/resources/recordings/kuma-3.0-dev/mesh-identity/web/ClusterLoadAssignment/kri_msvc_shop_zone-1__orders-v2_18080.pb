
Btype.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment◊
%kri_msvc_shop_zone-1__orders-v2_18080≠
zone-1†Ñ
ı
envoy.lbË

apporders
"
kuma.io/display-name
orders-3

kuma.io/env	universal

kuma.io/meshshop

kuma.io/originzone

kuma.io/protocolhttp

kuma.io/workloadorders

kuma.io/zonezone-1

versionv2
â
envoy.transport_socket_matchË

apporders
"
kuma.io/display-name
orders-3

kuma.io/env	universal

kuma.io/meshshop

kuma.io/originzone

kuma.io/protocolhttp

kuma.io/workloadorders

kuma.io/zonezone-1

versionv2"


	127.0.1.4†ç