{{- define "windlass.name" -}}
{{- if contains "windlass" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-windlass{{ end }}
{{- end }}

{{- define "windlass.selector" -}}
app.kubernetes.io/name: windlass
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "windlass.labels" -}}
{{ include "windlass.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- /* "true" if no replica keeps anything of its own */}}
{{- define "windlass.stateless" -}}
{{- if and .Values.database.existingSecret .Values.database.rows }}true{{ end }}
{{- end }}

{{- /* refuses values that lose data */}}
{{- define "windlass.check" -}}
{{- if and (gt (int .Values.replicas) 1) (not (include "windlass.stateless" .)) }}
{{- fail "replicas over 1 need rows in PostgreSQL: set database.existingSecret and database.rows" }}
{{- end }}
{{- if and .Values.database.rows (not .Values.database.existingSecret) }}
{{- fail "database.rows needs database.existingSecret" }}
{{- end }}
{{- if include "windlass.stateless" . }}
{{- if not .Values.existingSecret }}
{{- fail "with state and rows in PostgreSQL the replicas share a master key: put WINDLASS_MASTER_KEY into a Secret and set existingSecret" }}
{{- end }}
{{- if not (hasPrefix "s3://" (default "" .Values.config.audit_archive)) }}
{{- fail "with state and rows in PostgreSQL a pod keeps no files: set config.audit_archive to s3://BUCKET/PREFIX" }}
{{- end }}
{{- end }}
{{- range $name, $_ := .Values.config }}
{{- if has $name (list "database" "rows" "master_key" "vault_token" "oidc_secret" "smtp_url" "backup_passphrase" "egress_proxy") }}
{{- fail (printf "config.%s is a secret: put WINDLASS_%s into a Secret and set existingSecret" $name (upper $name)) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "windlass.pod" -}}
metadata:
  labels: {{- include "windlass.labels" . | nindent 4 }}
  {{- with .Values.podAnnotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "windlass.name" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false # their variables would be read as settings
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  containers:
    - name: windlass
      image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [serve]
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      ports:
        - {name: http, containerPort: 8080}
        - {name: admin, containerPort: 9180}
      env:
        - name: WINDLASS_DIR
          value: /data/windlass
        - name: WINDLASS_ROLES
          value: {{ .Values.roles | quote }}
        {{- with .Values.backup }}
        {{- if .to }}
        - name: WINDLASS_BACKUP_TO
          value: {{ .to | quote }}
        - name: WINDLASS_BACKUP_SCHEDULE
          value: {{ .schedule | quote }}
        - name: WINDLASS_BACKUP_KEEP_LAST
          value: {{ .keepLast | quote }}
        - name: WINDLASS_BACKUP_KEEP_DAILY
          value: {{ .keepDaily | quote }}
        {{- end }}
        {{- end }}
        {{- if .Values.database.existingSecret }}
        - name: WINDLASS_DATABASE
          valueFrom: {secretKeyRef: {name: {{ .Values.database.existingSecret }}, key: {{ .Values.database.key }}}}
        {{- if .Values.database.rows }}
        - name: WINDLASS_ROWS
          valueFrom: {secretKeyRef: {name: {{ .Values.database.existingSecret }}, key: {{ .Values.database.key }}}}
        {{- end }}
        {{- end }}
        {{- range $name, $value := .Values.config }}
        {{- if ne (toString $value) "" }}
        - name: WINDLASS_{{ upper $name }}
          value: {{ $value | quote }}
        {{- end }}
        {{- end }}
      {{- with .Values.existingSecret }}
      envFrom:
        - secretRef: {name: {{ . }}}
      {{- end }}
      startupProbe:
        httpGet: {path: /healthz, port: http, scheme: {{ .Values.probes.scheme }}}
        {{- toYaml .Values.probes.startup | nindent 8 }}
      readinessProbe:
        httpGet: {path: /readyz, port: http, scheme: {{ .Values.probes.scheme }}}
        {{- toYaml .Values.probes.readiness | nindent 8 }}
      livenessProbe:
        httpGet: {path: /healthz, port: http, scheme: {{ .Values.probes.scheme }}}
        {{- toYaml .Values.probes.liveness | nindent 8 }}
      resources: {{- toYaml .Values.resources | nindent 8 }}
      volumeMounts:
        - {name: data, mountPath: /data}
  {{- if or (include "windlass.stateless" .) (not .Values.persistence.enabled) }}
  volumes:
    - {name: data, emptyDir: {}}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
