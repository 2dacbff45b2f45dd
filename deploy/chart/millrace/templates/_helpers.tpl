{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- define "millrace.selector" -}}
app.kubernetes.io/name: millrace
{{- end }}

{{- define "millrace.labels" -}}
{{ include "millrace.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: node-agent
{{- end }}

{{- define "millrace.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- /* A flag's value as text: on and off, lists by commas, whole numbers whole. */ -}}
{{- define "millrace.flag" -}}
{{- if kindIs "bool" . -}}
{{ ternary "on" "off" . }}
{{- else if kindIs "slice" . -}}
{{ join "," . }}
{{- else if kindIs "float64" . -}}
{{ int64 . }}
{{- else -}}
{{ . }}
{{- end -}}
{{- end }}

{{- /* Where /livez is answered: HOST:PORT, or empty for nowhere. */ -}}
{{- define "millrace.healthz" -}}
{{- if hasKey .Values.flags "healthz-bind-address" -}}
{{ index .Values.flags "healthz-bind-address" }}
{{- else -}}
{{ .Values.config.kubeProxyConfiguration.healthzBindAddress | default "0.0.0.0:10256" }}
{{- end -}}
{{- end }}

{{- define "millrace.metrics" -}}
{{- if hasKey .Values.flags "metrics-bind-address" -}}
{{ index .Values.flags "metrics-bind-address" }}
{{- else -}}
{{ .Values.config.kubeProxyConfiguration.metricsBindAddress | default "127.0.0.1:10249" }}
{{- end -}}
{{- end }}

{{- /* The port of HOST:PORT. */ -}}
{{- define "millrace.port" -}}
{{ regexFind "[0-9]+$" . }}
{{- end }}

{{- /* The probe of a path; without a host the kubelet asks the node's address. */ -}}
{{- define "millrace.probe" -}}
{{- $address := include "millrace.healthz" .root -}}
{{- $host := regexReplaceAll ":[0-9]+$" $address "" | trimPrefix "[" | trimSuffix "]" -}}
httpGet:
  path: {{ .path }}
  port: {{ include "millrace.port" $address }}
  {{- if has $host (list "" "0.0.0.0" "::") }}
  host: 127.0.0.1
  {{- else }}
  host: {{ $host | quote }}
  {{- end }}
{{ toYaml .values }}
{{- end }}

{{- /* Values that the schema cannot say no to. */ -}}
{{- define "millrace.check" -}}
{{- if and .Values.config.kubeProxyConfigMap .Values.config.kubeProxyConfiguration -}}
{{- fail "config: give kubeProxyConfigMap or kubeProxyConfiguration, not both" -}}
{{- end -}}
{{- if not (or .Values.apiServer .Values.config.kubeProxyConfigMap) -}}
{{- fail "apiServer: name the API server itself, such as https://192.0.2.10:6443, or a ConfigMap with a kubeconfig in config.kubeProxyConfigMap: the Service \"kubernetes\" is only served once Millrace serves it" -}}
{{- end -}}
{{- if and .Values.serviceMonitor.enabled (regexMatch "^(127\\.|\\[::1\\]|localhost|$)" (include "millrace.metrics" .)) -}}
{{- fail "serviceMonitor: metrics are only answered on loopback: set flags.metrics-bind-address, such as 0.0.0.0:10249" -}}
{{- end -}}
{{- end }}
