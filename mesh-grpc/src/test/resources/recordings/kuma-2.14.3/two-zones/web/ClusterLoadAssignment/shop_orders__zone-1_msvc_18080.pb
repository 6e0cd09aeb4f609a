
Btype.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment•
shop_orders__zone-1_msvc_18080Ç
zone-1ıŸ
B
envoy.lb6

kuma.io/protocolhttp

kuma.io/zonezone-1
V
envoy.transport_socket_match6

kuma.io/protocolhttp

kuma.io/zonezone-1
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
kuma.io/zonezone-1"


	127.0.1.2†ç