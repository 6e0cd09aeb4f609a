
5type.googleapis.com/envoy.config.listener.v3.ListenerÞ
virtualOutbound
0.0.0.0™uº
B™u•
envoy.filters.network.tcp_proxy"r
Jtype.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy$
BlackHoleClusterBlackHoleCluster:virtualOutbound-blackholeñÐ
envoy.filters.network.tcp_proxy"¬
Jtype.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy^
-outbound|8001||blog.default.svc.cluster.local-outbound|8001||blog.default.svc.cluster.local:virtualOutbound-catchall-tcp"€’