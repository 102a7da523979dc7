{{/* The template of the service's pods, in a Deployment or in a job. */}}
{{- define "service.pod" -}}
metadata:
  labels:
    {{- include "service.selector" . | nindent 4 }}
  {{- if .Values.job }}
  annotations:
    # Auto Mode leaves the machine alone until the run has ended.
    karpenter.sh/do-not-disrupt: "true"
  {{- end }}
spec:
  serviceAccountName: {{ .Release.Name }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- with .Values.job }}
  restartPolicy: Never
  # Of the pod, so that it is each attempt's; the job's own would be that of all attempts together.
  activeDeadlineSeconds: {{ .timeoutSeconds }}
  {{- end }}
  terminationGracePeriodSeconds: {{ add (ternary .Values.drainSeconds 0 (not (empty .Values.ports))) .Values.shutdownSeconds }}
  securityContext:
    runAsNonRoot: {{ .Values.security.runAsNonRoot }}
    runAsUser: {{ .Values.security.uid }}
    runAsGroup: {{ .Values.security.gid }}
    fsGroup: {{ .Values.security.gid }}
    seccompProfile:
      type: {{ .Values.security.seccompProfile }}
  {{- if not .Values.job }}
  # Over zones it must hold, or one lost zone takes all pods along; over nodes it is a wish. Each release is counted
  # by itself, or the pods that leave would say where the new ones go. A zone without any node is not counted: one
  # that cannot start a node holds nothing up. While a lost zone's nodes still stand in the list, new pods wait.
  topologySpreadConstraints:
    {{- range $topology, $unsatisfiable := dict "kubernetes.io/hostname" "ScheduleAnyway" "topology.kubernetes.io/zone" "DoNotSchedule" }}
    - topologyKey: {{ $topology }}
      maxSkew: 1
      whenUnsatisfiable: {{ $unsatisfiable }}
      labelSelector:
        matchLabels:
          {{- include "service.selector" $ | nindent 10 }}
      matchLabelKeys: [pod-template-hash]
    {{- end }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if or .Values.sidecars .Values.initCommand }}
  initContainers:
    {{- range .Values.sidecars }}
    - {{ include "service.sidecar" (merge (dict "sidecar" .) $) | nindent 6 | trim }}
    {{- end }}
    {{- with .Values.initCommand }}
    - name: {{ $.Release.Name }}-init
      args: {{ toJson . }}
      {{- include "service.container" (merge (dict "init" true) $) | nindent 6 }}
    {{- end }}
  {{- end }}
  containers:
    - name: {{ .Release.Name }}
      {{- with .Values.command }}
      command: {{ toJson . }}
      {{- end }}
      {{- with .Values.args }}
      args: {{ toJson . }}
      {{- end }}
      {{- include "service.container" . | nindent 6 }}
      {{- if .Values.ports }}
      ports:
        {{- range .Values.ports }}
        - name: {{ .name }}
          containerPort: {{ .port }}
          protocol: TCP
        {{- end }}
      startupProbe:
        httpGet:
          path: {{ .Values.probes.livePath }}
          port: {{ (first .Values.ports).name }}
        periodSeconds: 2
        failureThreshold: 30
      livenessProbe:
        httpGet:
          path: {{ .Values.probes.livePath }}
          port: {{ (first .Values.ports).name }}
        periodSeconds: 10
        timeoutSeconds: 5
      readinessProbe:
        httpGet:
          path: {{ .Values.probes.readyPath }}
          port: {{ (first .Values.ports).name }}
        periodSeconds: 5
        timeoutSeconds: 3
      lifecycle:
        preStop:
          sleep:
            seconds: {{ .Values.drainSeconds }}
      {{- else }}
      {{- with .Values.probes.command }}
      {{- include "service.healthCommand" . | nindent 6 }}
      {{- end }}
      {{- end }}
  {{- if or .Values.security.writablePaths .Values.files }}
  volumes:
    {{- range .Values.security.writablePaths }}
    - name: {{ include "service.volume" . }}
      emptyDir: {}
    {{- end }}
    {{- range $sidecar := .Values.sidecars }}
    {{- range $.Values.security.writablePaths }}
    - name: {{ $sidecar.name }}-{{ include "service.volume" . }}
      emptyDir: {}
    {{- end }}
    {{- end }}
    {{- range .Values.files }}
    # The group may read and nobody write; the kubelet gives the files to the pod's own group.
    - name: {{ .name }}
      projected:
        defaultMode: 0440
        sources:
          {{- toYaml .sources | nindent 10 }}
    {{- end }}
  {{- end }}
{{- end }}
