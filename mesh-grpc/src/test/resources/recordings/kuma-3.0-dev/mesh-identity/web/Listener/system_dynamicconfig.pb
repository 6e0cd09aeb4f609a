
5type.googleapis.com/envoy.config.listener.v3.Listener†
system_dynamicconfig" 
w/kuma-mesh-metric-config.sockÃ…
-envoy.filters.network.http_connection_manager"ó
etype.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager≠system_dynamicconfig*a
envoy.filters.http.router"D
Btype.googleapis.com/envoy.extensions.filters.http.router.v3.Router 
	127.0.0.1 "ùï
system_dynamicconfig*â
[2S
If-None-MatchjB
@9c99d9d3ac330732fe90bc9611d4a0ffb1f1bdc5d913992b042c110d76918469/dnsr%system_dynamicconfig_dns_not_modified:∞Ì
/dnsRJ
H
Etag@9c99d9d3ac330732fe90bc9611d4a0ffb1f1bdc5d913992b042c110d76918469rsystem_dynamicconfig_dns:¸»ˆÛ{"records":[{"name":"orders-v1.svc.mesh.local","ips":["241.0.0.3"]},{"name":"orders-v2.svc.mesh.local","ips":["241.0.0.4"]},{"name":"orders.svc.mesh.local","ips":["241.0.0.5"]},{"name":"payments.extsvc.mesh.local","ips":["242.0.0.0"]},{"name":"web.svc.mesh.local","ips":["241.0.0.6"]}],"ttl":30,"extraLabels":{"kuma_io_zone":"zone-1","kuma_workload":"web","mesh":"shop"}}ZÛ‚system_dynamicconfig