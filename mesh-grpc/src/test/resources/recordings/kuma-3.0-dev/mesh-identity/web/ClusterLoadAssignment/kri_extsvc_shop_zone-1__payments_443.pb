
Btype.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment”
$kri_extsvc_shop_zone-1__payments_443ëèÌ
™
envoy.lbŒ
"
kuma.io/display-name
payments

kuma.io/env	universal

kuma.io/meshshop

kuma.io/originzone

kuma.io/zonezone-1
­
envoy.transport_socket_matchŒ
"
kuma.io/display-name
payments

kuma.io/env	universal

kuma.io/meshshop

kuma.io/originzone

kuma.io/zonezone-1"



127.0.1.20’N