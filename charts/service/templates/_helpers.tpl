{{- define "service.selector" -}}
app.kubernetes.io/name: {{ .Release.Name }}
{{- end }}

{{- define "service.metadata" -}}
name: {{ .Release.Name }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "service.selector" . | nindent 2 }}
  app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* What the service and its init command share: image, confinement, environment, writable paths. Takes the root
context, with "init" set for the init command, which has bindings of its own. */}}
{{- define "service.container" -}}
{{- $initSecret := and .init .Values.bindings.initSecret -}}
image: {{ .Values.image.reference }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  runAsNonRoot: {{ .Values.security.runAsNonRoot }}
  runAsUser: {{ .Values.security.uid }}
  runAsGroup: {{ .Values.security.gid }}
  privileged: {{ .Values.security.privileged }}
  allowPrivilegeEscalation: {{ .Values.security.allowPrivilegeEscalation }}
  readOnlyRootFilesystem: {{ .Values.security.readOnlyRoot }}
  capabilities:
    drop: {{ toJson .Values.security.dropCapabilities }}
resources:
  requests:
    cpu: {{ .Values.resources.cpu }}
    memory: {{ .Values.resources.memory }}
  limits:
    memory: {{ .Values.resources.memory }}
{{- with .Values.environment }}
env:
  {{- range $name, $value := . }}
  - name: {{ $name }}
    value: {{ quote $value }}
  {{- end }}
{{- end }}
{{- if or .Values.bindings.configMap .Values.bindings.secret $initSecret }}
envFrom:
  {{- with .Values.bindings.configMap }}
  - configMapRef:
      name: {{ . }}
  {{- end }}
  {{- with .Values.bindings.secret }}
  - secretRef:
      name: {{ . }}
  {{- end }}
  {{- with $initSecret }}
  - secretRef:
      name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.security.writablePaths }}
volumeMounts:
  {{- range . }}
  - name: {{ include "service.volume" . }}
    mountPath: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "service.volume" -}}
{{ trimPrefix "/" . | replace "/" "-" }}
{{- end }}
