
Btype.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment—
shopb_plain___extsvc_80ûøÜ
b
envoy.lbV

kuma.io/display-nameplain

kuma.io/meshshopb

kuma.io/originglobal
v
envoy.transport_socket_matchV

kuma.io/display-nameplain

kuma.io/meshshopb

kuma.io/originglobal"



127.0.6.30’N