namespace RedisTopology.Testing.Tests.Kubelet;

/// <summary>Pods like those of a CacheCluster.</summary>
internal static class Manifests
{
    public const string Config = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: config}
        data:
          greeting: hello
          entry.sh: |
            echo "start $POD_NAME $POD_IP" >> /data/starts
            exec redis-server --dir /data --port 6379 --protected-mode no --save "" --appendonly no
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: auth}
        stringData: {password: s3cret}
        """;

    private const string Template = """
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: __NAME}
        spec:
          serviceName: __NAME
          replicas: REPLICAS
          podManagementPolicy: Parallel
          selector: {matchLabels: {app: __NAME}}
          template:
            metadata: {labels: {app: __NAME}}
            spec:
              terminationGracePeriodSeconds: 5
              securityContext: {fsGroup: 999}
              topologySpreadConstraints:
              - {maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: __NAME}}}
              containers:
              - name: redis
                image: IMAGE
                command: ["sh", "/config/entry.sh"]
                ports: [{name: redis, containerPort: 6379}]
                env:
                - {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
                - {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
                - {name: PASSWORD, valueFrom: {secretKeyRef: {name: auth, key: password}}}
                - {name: GREETING, value: "$(POD_NAME) says $$(x) $(UNKNOWN)"}
                readinessProbe: {exec: {command: ["redis-cli", "ping"]}, periodSeconds: 1}
                securityContext: {runAsNonRoot: true, runAsUser: 999, runAsGroup: 999, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
                volumeMounts:
                - {name: data, mountPath: /data}
                - {name: config, mountPath: /config}
                - {name: auth, mountPath: /etc/redis-auth, readOnly: true}
              volumes:
              - {name: config, configMap: {name: config, defaultMode: 365}}
              - {name: auth, secret: {secretName: auth, defaultMode: 256}}
              EMPTYDIR
          CLAIMS
        """;

    /// <summary>A StatefulSet of redis pods with /data in an emptyDir or in a claim.</summary>
    public static string StatefulSet(string name, int replicas, bool claims = false, string image = "redis:7.2") => Template
        .Replace("__NAME", name, StringComparison.Ordinal)
        .Replace("REPLICAS", replicas.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("IMAGE", image, StringComparison.Ordinal)
        .Replace("EMPTYDIR", claims ? "" : "- {name: data, emptyDir: {}}", StringComparison.Ordinal)
        .Replace("CLAIMS", claims ? "volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], storageClassName: standard, resources: {requests: {storage: 1Gi}}}}]" : "", StringComparison.Ordinal);
}
