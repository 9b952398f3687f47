using System.Text;

namespace RedisTopology.Testing;

/// <summary>Writes a kubeconfig that authenticates with a client certificate.</summary>
internal static class KubeconfigFile
{
    public static void Write(string path, string server, string authorityPem, (string Certificate, string Key) client) =>
        File.WriteAllText(path, $"""
            apiVersion: v1
            kind: Config
            current-context: test
            contexts:
              - {"{"}name: test, context: {"{"}cluster: test, user: test{"}"}{"}"}
            clusters:
              - name: test
                cluster:
                  server: {server}
                  certificate-authority-data: {Base64(authorityPem)}
            users:
              - name: test
                user:
                  client-certificate-data: {Base64(client.Certificate)}
                  client-key-data: {Base64(client.Key)}

            """);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
