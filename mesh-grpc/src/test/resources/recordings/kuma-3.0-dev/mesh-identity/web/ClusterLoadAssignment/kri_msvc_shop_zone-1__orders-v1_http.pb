
Btype.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment˘
$kri_msvc_shop_zone-1__orders-v1_http–
zone-1†Ñ
ı
envoy.lbË

apporders
"
kuma.io/display-name
orders-1
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
versionv1
â
envoy.transport_socket_matchË

apporders
"
kuma.io/display-name
orders-1
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
versionv1"


	127.0.1.2†ç†Ñ
ı
envoy.lbË

apporders
"
kuma.io/display-name
orders-2
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
versionv1
â
envoy.transport_socket_matchË

apporders
"
kuma.io/display-name
orders-2
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
versionv1"


	127.0.1.3†ç