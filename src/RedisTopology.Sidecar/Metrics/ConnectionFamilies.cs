namespace RedisTopology.Sidecar.Metrics;

/// <summary>The metrics of clients and of connections to servers.</summary>
internal static class ConnectionFamilies
{
    public static IReadOnlyList<MetricFamily> All { get; } =
    [
        MetricFamilies.Sum("clients", "gauge", "Clients connected now.", l => l.Clients),
        MetricFamilies.Sum("clients_accepted_total", "counter", "Clients accepted.", l => l.ClientsAccepted),
        MetricFamilies.Sum("clients_refused_total", "counter", "Clients refused because of maxClients.", l => l.ClientsRefused),
        MetricFamilies.Sum("client_handshakes_failed_total", "counter", "Clients disconnected because their TLS handshake failed.", l => l.ClientHandshakesFailed),
        MetricFamilies.Sum("clients_stalled_total", "counter", "Clients disconnected because they did not read their replies.", l => l.ClientsStalled),
        MetricFamilies.Sum("protocol_errors_total", "counter", "Clients disconnected because their bytes made no sense.", l => l.ProtocolErrors),
        MetricFamilies.Sum("client_received_bytes_total", "counter", "Bytes read from clients.", l => l.BytesIn),
        MetricFamilies.Sum("client_sent_bytes_total", "counter", "Bytes written to clients.", l => l.BytesOut),
        new("upstream_connections", "gauge", "Connections to servers: shared by all clients, private to one, or idle and ready for the next client that needs one.", Upstreams) { Labels = "kind" },
        MetricFamilies.Sum("upstream_connects_total", "counter", "Connections to servers opened.", l => l.Connects),
        MetricFamilies.Sum("upstream_lost_total", "counter", "Connections to servers that failed or were given up.", l => l.ConnectionsLost),
        MetricFamilies.Sum("buffered_bytes", "gauge", "Bytes held in buffers now.", l => l.BufferedBytes),
    ];

    private static void Upstreams(MetricSources sources, MetricWriter writer)
    {
        writer.Sample(sources.Loops.Sum(l => l.Upstreams), ("kind", "shared"));
        writer.Sample(sources.Loops.Sum(l => l.PrivateUpstreams), ("kind", "private"));
        writer.Sample(sources.Loops.Sum(l => l.IdleUpstreams), ("kind", "idle"));
    }
}
