{{- /* The values of this chart, whether it is installed itself or is a dependency (by the name "alias", when it has one) of the chart whose context "root" is. */}}
{{- define "cache-cluster.values" -}}
{{- toYaml (ternary .root.Values (default dict (index .root.Values (default "cache-cluster" .alias))) (eq .root.Chart.Name "cache-cluster")) }}
{{- end }}

{{- define "cache-cluster.name" -}}
{{- $values := include "cache-cluster.values" . | fromYaml }}
{{- $release := .root.Release.Name }}
{{- default (ternary $release (printf "%s-cache" $release) (contains "cache" $release)) $values.name }}
{{- end }}
