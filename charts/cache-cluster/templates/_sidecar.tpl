{{- /*
cache-cluster.podSpec puts the sidecar into a pod: the container, its probes, and the volumes with the configuration and the password that the operator
writes for each CacheCluster. What the pod has already stays.

    spec:
      template:
        spec:
          {{- include "cache-cluster.podSpec" (dict "root" $ "pod" (include "my-app.podSpec" $ | fromYaml)) | nindent 6 }}

root      the context of the calling chart
pod       the pod's spec
cluster   the name of the CacheCluster, when it is not the one this chart makes
alias     the name of this chart in the calling chart's dependencies, when it is not cache-cluster

The sidecar's values are those of the chart cache-cluster, as everywhere. The app connects to 127.0.0.1:6379.
*/}}
{{- define "cache-cluster.podSpec" -}}
{{- $pod := deepCopy (required "cache-cluster.podSpec: pod is missing" .pod) }}
{{- $container := include "cache-cluster.container" . | fromYaml }}
{{- if eq (include "cache-cluster.native" .) "true" }}
{{- $_ := set $pod "initContainers" (concat (list (set $container "restartPolicy" "Always")) (default list $pod.initContainers)) }}
{{- else }}
{{- $_ := set $pod "containers" (append (default list $pod.containers) $container) }}
{{- end }}
{{- $_ := set $pod "volumes" (concat (default list $pod.volumes) (include "cache-cluster.volumes" . | fromYamlArray)) }}
{{- toYaml $pod }}
{{- end }}

{{- /* "true" where sidecar containers (init containers that are restarted always) are to be used. */}}
{{- define "cache-cluster.native" -}}
{{- $native := (include "cache-cluster.values" . | fromYaml).sidecar.native }}
{{- if eq $native "Auto" }}{{ semverCompare ">=1.29.0-0" .root.Capabilities.KubeVersion.Version }}{{ else }}{{ eq $native "Always" }}{{ end }}
{{- end }}

{{- /* "true" where the cluster's servers speak TLS. */}}
{{- define "cache-cluster.tls" -}}
{{- $values := include "cache-cluster.values" . | fromYaml }}
{{- or $values.tls.enabled (dig "tls" "enabled" false (default dict $values.spec)) }}
{{- end }}

{{- define "cache-cluster.container" -}}
{{- $sidecar := (include "cache-cluster.values" . | fromYaml).sidecar }}
{{- $image := $sidecar.image }}
{{- $chart := ternary .root (index .root.Subcharts (default "cache-cluster" .alias)) (eq .root.Chart.Name "cache-cluster") -}}
name: cache-sidecar
image: {{ if $image.digest }}{{ printf "%s@%s" $image.repository $image.digest | quote }}{{ else }}{{ printf "%s:%s" $image.repository (default $chart.Chart.AppVersion $image.tag) | quote }}{{ end }}
imagePullPolicy: {{ $image.pullPolicy }}
args:
  - --config=/cache-sidecar/config/sidecar.yaml
  # Over the file's, which names where the operator's own examples mount it.
  - --password-file=/cache-sidecar/auth/password
  {{- if eq (include "cache-cluster.tls" .) "true" }}
  - --tls-ca-file=/cache-sidecar/config/ca.crt
  {{- end }}
  - --listen=127.0.0.1:{{ int $sidecar.port }}
  # Probes and scrapes come from outside of the pod. It shows no keys and no values.
  - --admin=*:{{ int $sidecar.adminPort }}
  {{- with $sidecar.extraArgs }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with $sidecar.extraEnv }}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
ports:
  - name: cache-metrics
    containerPort: {{ int $sidecar.adminPort }}
    protocol: TCP
# The app's containers start when it accepts connections; commands wait for the topology.
startupProbe:
  httpGet:
    path: /livez
    port: cache-metrics
  periodSeconds: 1
  timeoutSeconds: 5
  failureThreshold: 60
livenessProbe:
  httpGet:
    path: /livez
    port: cache-metrics
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
{{- if $sidecar.gateReadiness }}
readinessProbe:
  httpGet:
    path: /readyz
    port: cache-metrics
  periodSeconds: 5
  timeoutSeconds: 5
{{- end }}
resources:
  {{- toYaml $sidecar.resources | nindent 2 }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: ["ALL"]
  seccompProfile:
    type: RuntimeDefault
volumeMounts:
  - name: cache-sidecar-config
    mountPath: /cache-sidecar/config
    readOnly: true
  - name: cache-sidecar-auth
    mountPath: /cache-sidecar/auth
    readOnly: true
{{- end }}

{{- define "cache-cluster.volumes" -}}
{{- $cluster := default (include "cache-cluster.name" .) .cluster }}
{{- $secret := (include "cache-cluster.values" . | fromYaml).auth.existingSecret -}}
- name: cache-sidecar-config
  configMap:
    name: {{ $cluster }}-sidecar
- name: cache-sidecar-auth
  secret:
    secretName: {{ ternary (printf "%s-auth" $cluster) $secret (or (not $secret) (ne (default "" .cluster) "")) }}
    items:
      - key: password
        path: password
{{- end }}
