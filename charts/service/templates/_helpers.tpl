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

{{- define "service.volume" -}}
{{ trimPrefix "/" . | replace "/" "-" }}
{{- end }}

{{/* What confines a container, the same for each. */}}
{{- define "service.securityContext" -}}
securityContext:
  runAsNonRoot: {{ .Values.security.runAsNonRoot }}
  runAsUser: {{ .Values.security.uid }}
  runAsGroup: {{ .Values.security.gid }}
  privileged: {{ .Values.security.privileged }}
  allowPrivilegeEscalation: {{ .Values.security.allowPrivilegeEscalation }}
  readOnlyRootFilesystem: {{ .Values.security.readOnlyRoot }}
  capabilities:
    drop: {{ toJson .Values.security.dropCapabilities }}
{{- end }}

{{/* Takes cpu and memory. */}}
{{- define "service.resources" -}}
resources:
  requests:
    cpu: {{ .cpu }}
    memory: {{ .memory }}
  limits:
    memory: {{ .memory }}
{{- end }}

{{/* Takes a map of plain variables, and lists of the names of ConfigMaps and Secrets; empty names are none. */}}
{{- define "service.environment" -}}
{{- with .environment }}
env:
  {{- range $name, $value := . }}
  - name: {{ $name }}
    value: {{ quote $value }}
  {{- end }}
{{- end }}
{{- if or (compact .configMaps) (compact .secrets) }}
envFrom:
  {{- range compact .configMaps }}
  - configMapRef:
      name: {{ . }}
  {{- end }}
  {{- range compact .secrets }}
  - secretRef:
      name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* A container is alive while a command inside it says so. Takes the command. */}}
{{- define "service.healthCommand" -}}
startupProbe:
  exec:
    command: {{ toJson . }}
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: 30
livenessProbe:
  exec:
    command: {{ toJson . }}
  periodSeconds: 10
  timeoutSeconds: 5
{{- end }}

{{/* What the service and its init command share: image, confinement, environment, volumes. Takes the root context, with
"init" set for the init command, which has bindings of its own. */}}
{{- define "service.container" -}}
image: {{ .Values.image.reference }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{ include "service.securityContext" . }}
{{ include "service.resources" .Values.resources }}
{{- $bindings := .Values.bindings }}
{{- $secrets := list $bindings.secret $bindings.secrets (ternary $bindings.initSecret "" (default false .init)) }}
{{- include "service.environment" (dict "environment" .Values.environment "configMaps" (list $bindings.configMap) "secrets" $secrets) }}
{{- if or .Values.security.writablePaths .Values.files }}
volumeMounts:
  {{- range .Values.security.writablePaths }}
  - name: {{ include "service.volume" . }}
    mountPath: {{ . }}
  {{- end }}
  {{- range .Values.files }}
  - name: {{ .name }}
    mountPath: {{ .folder }}
    readOnly: true
  {{- end }}
{{- end }}
{{- end }}

{{/* A further container. As an init container that is always started again it is there before the service's own starts,
and ends after it has: so a job's pod ends, too. Takes the root context, with "sidecar". */}}
{{- define "service.sidecar" -}}
name: {{ .sidecar.name }}
restartPolicy: Always
image: {{ .sidecar.image }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- with .sidecar.command }}
command: {{ toJson . }}
{{- end }}
{{- with .sidecar.args }}
args: {{ toJson . }}
{{- end }}
{{ include "service.securityContext" . }}
{{ include "service.resources" .sidecar.resources }}
{{- include "service.environment" (dict "environment" .sidecar.environment "configMaps" list "secrets" (list .sidecar.secret)) }}
{{- with .sidecar.port }}
ports:
  - name: port-{{ . }}
    containerPort: {{ . }}
    protocol: TCP
{{- end }}
{{- with .sidecar.healthCommand }}
{{ include "service.healthCommand" . }}
{{- end }}
{{- with .Values.security.writablePaths }}
volumeMounts:
  {{- range . }}
  - name: {{ $.sidecar.name }}-{{ include "service.volume" . }}
    mountPath: {{ . }}
  {{- end }}
{{- end }}
{{- end }}
