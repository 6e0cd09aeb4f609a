
5type.googleapis.com/envoy.config.listener.v3.Listener‘
kuma:dns
	127.0.0.1ÍuJè
envoy.filters.udp.dns_filterÇ
Ntype.googleapis.com/envoy.extensions.filters.udp.dns_filter.v3.DnsFilterConfigô
kuma_dnsç
ä,
orders.mzsvc.mesh.local

	243.0.0.0*
orders.svc.mesh.local

	241.0.0.11
orders.svc.zone-2.mesh.local

	241.0.0.0,
plain.extsvc.mesh.local

	242.0.0.0'
web.svc.mesh.local

	241.0.0.2€ê