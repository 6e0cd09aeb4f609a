
Btype.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignmentì
#kri_msvc_plain_zone-1__orders_18080Î
zone-1ﬁ¬
‘
envoy.lb«
"
kuma.io/display-name
orders-1

kuma.io/env	universal

kuma.io/meshplain

kuma.io/originzone

kuma.io/protocolhttp

kuma.io/workloadorders

kuma.io/zonezone-1
Ë
envoy.transport_socket_match«
"
kuma.io/display-name
orders-1

kuma.io/env	universal

kuma.io/meshplain

kuma.io/originzone

kuma.io/protocolhttp

kuma.io/workloadorders

kuma.io/zonezone-1"


	127.0.4.2†ç