
5type.googleapis.com/envoy.config.listener.v3.Listener‘
kuma:dns
	127.0.0.1ÍuJè
envoy.filters.udp.dns_filterÇ
Ntype.googleapis.com/envoy.extensions.filters.udp.dns_filter.v3.DnsFilterConfigô
kuma_dnsç
ä,
orders.mzsvc.mesh.local

	243.0.0.1*
orders.svc.mesh.local

	241.0.0.31
orders.svc.zone-2.mesh.local

	241.0.0.5,
plain.extsvc.mesh.local

	242.0.0.1'
web.svc.mesh.local

	241.0.0.4€ê