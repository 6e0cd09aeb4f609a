
Btype.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment®
!kri_msvc_shop_zone-2__orders_httpÇ
zone-2ıŸ
B
envoy.lb6

kuma.io/protocolhttp

kuma.io/zonezone-2
V
envoy.transport_socket_match6

kuma.io/protocolhttp

kuma.io/zonezone-2
∫
io.kuma.labelsß

kuma.io/env	universal

kuma.io/meshshop

kuma.io/originzone

kuma.io/proxy-type	sidecar

kuma.io/workloadorders

kuma.io/zonezone-2"


	127.0.2.2†ç