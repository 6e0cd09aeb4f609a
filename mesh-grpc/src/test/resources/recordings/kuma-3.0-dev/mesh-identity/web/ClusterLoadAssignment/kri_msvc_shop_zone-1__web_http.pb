
Btype.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment€
kri_msvc_shop_zone-1__web_httpÝ
zone-1Ð´
Í
envoy.lbÀ

kuma.io/display-nameweb-1

kuma.io/env	universal

kuma.io/meshshop

kuma.io/originzone

kuma.io/protocolhttp

kuma.io/workloadweb

kuma.io/zonezone-1
á
envoy.transport_socket_matchÀ

kuma.io/display-nameweb-1

kuma.io/env	universal

kuma.io/meshshop

kuma.io/originzone

kuma.io/protocolhttp

kuma.io/workloadweb

kuma.io/zonezone-1"


	127.0.1.9¸…