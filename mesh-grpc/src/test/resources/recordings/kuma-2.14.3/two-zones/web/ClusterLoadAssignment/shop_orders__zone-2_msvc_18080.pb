
Btype.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment∞
shop_orders__zone-2_msvc_18080ç
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
127.0.2.20ëN(