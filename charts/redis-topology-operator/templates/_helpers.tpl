{{- define "redis-topology-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "redis-topology-operator.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "redis-topology-operator.selector" -}}
app.kubernetes.io/name: {{ include "redis-topology-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "redis-topology-operator.labels" -}}
{{ include "redis-topology-operator.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "redis-topology-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "redis-topology-operator.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name is needed when serviceAccount.create is false" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "redis-topology-operator.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- define "redis-topology-operator.sidecarImage" -}}
{{- $image := .Values.injection.image }}
{{- if $image.digest }}
{{- printf "%s@%s" $image.repository $image.digest }}
{{- else }}
{{- printf "%s:%s" $image.repository (default .Chart.AppVersion $image.tag) }}
{{- end }}
{{- end }}

{{- /*
The rules of the operator, from the file that is generated from its code. "scope" chooses: "all" of the ClusterRole, those of it that are about the
"cluster" as a whole, those that are about things in "namespaces", or those of "leader" election.
*/}}
{{- define "redis-topology-operator.rules" -}}
{{- $ofCluster := list "nodes" "storageclasses" "mutatingwebhookconfigurations" "customresourcedefinitions" }}
{{- $rules := list }}
{{- range $document := regexSplit "(?m)^---$" (.root.Files.Get "files/role.yaml") -1 }}
{{- $role := fromYaml $document }}
{{- if and (eq $role.kind "ClusterRole") (ne $.scope "leader") }}
{{- range $rule := $role.rules }}
{{- $cluster := list }}{{- $namespaced := list }}
{{- range $resource := $rule.resources }}
{{- if has $resource $ofCluster }}{{- $cluster = append $cluster $resource }}{{- else }}{{- $namespaced = append $namespaced $resource }}{{- end }}
{{- end }}
{{- $resources := get (dict "all" $rule.resources "cluster" $cluster "namespaces" $namespaced) $.scope }}
{{- if $resources }}
{{- $rules = append $rules (set (deepCopy $rule) "resources" $resources) }}
{{- end }}
{{- end }}
{{- else if and (eq $role.kind "Role") (eq $.scope "leader") }}
{{- $rules = concat $rules $role.rules }}
{{- end }}
{{- end }}
{{- toYaml $rules }}
{{- end }}

{{- /* Takes the rules in CEL out of a schema: a server before 1.25 does not know the field, and the operator enforces the same rules. */}}
{{- define "redis-topology-operator.withoutCel" -}}
{{- if kindIs "map" . }}{{ $_ := unset . "x-kubernetes-validations" }}{{ end }}
{{- if or (kindIs "map" .) (kindIs "slice" .) }}{{ range . }}{{ include "redis-topology-operator.withoutCel" . }}{{ end }}{{ end }}
{{- end }}

{{- /* Takes messages that are put together with format out of a schema: a server before 1.30 refuses a CRD with that function, and has the plain message beside it. */}}
{{- define "redis-topology-operator.withoutFormat" -}}
{{- if kindIs "map" . }}{{ if contains ".format(" (toString (default "" (get . "messageExpression"))) }}{{ $_ := unset . "messageExpression" }}{{ end }}{{ end }}
{{- if or (kindIs "map" .) (kindIs "slice" .) }}{{ range . }}{{ include "redis-topology-operator.withoutFormat" . }}{{ end }}{{ end }}
{{- end }}
