
Btype.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment≤
shopb_orders___mzsvc_18080É
zone-1ˆ⁄
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
ª
io.kuma.labels®

kuma.io/env	universal

kuma.io/meshshopb

kuma.io/originzone

kuma.io/proxy-type	sidecar

kuma.io/workloadorders

kuma.io/zonezone-1"


	127.0.6.2†çç
zone-2d
&
envoy.lb

kuma.io/zonezone-2
:
envoy.transport_socket_match

kuma.io/zonezone-2"



127.0.7.20ëN(