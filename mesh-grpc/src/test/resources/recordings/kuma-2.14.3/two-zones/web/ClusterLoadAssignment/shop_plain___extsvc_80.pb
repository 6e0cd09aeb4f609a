
Btype.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment”
shop_plain___extsvc_80ùöÚ
a
envoy.lbU

kuma.io/display-nameplain

kuma.io/meshshop

kuma.io/originglobal
u
envoy.transport_socket_matchU

kuma.io/display-nameplain

kuma.io/meshshop

kuma.io/originglobal"



127.0.1.30’N