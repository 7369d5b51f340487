package config

import "time"

// maxQueryTime is the longest query_timeout.
const maxQueryTime = 5 * time.Minute

// checkLimits validates the limits. A limit of 0 turns the limit off if
// docs/operate/limits.md says so. Otherwise it is an error.
func (c *Config) checkLimits(add func(name, message string)) {
	positive := map[string]int64{
		"token_concurrency": int64(c.TokenConcurrency), "address_concurrency": int64(c.AddressConcurrency),
		"workspace_concurrency": int64(c.WorkspaceConcurrency), "http_connections": int64(c.HTTPConnections),
		"stream_concurrency": int64(c.StreamConcurrency), "streams": int64(c.Streams),
		"max_members": int64(c.MaxMembers), "max_tokens": int64(c.MaxTokens),
		"max_integrations": int64(c.MaxIntegrations),
		"max_keys":         int64(c.MaxKeys), "max_sources": int64(c.MaxSources), "max_datasets": int64(c.MaxDatasets),
		"max_providers": int64(c.MaxProviders), "max_schedules": int64(c.MaxSchedules),
		"max_grants":        int64(c.MaxGrants),
		"max_notifications": int64(c.MaxNotifications),
		"http_header_bytes": int64(c.HTTPHeaderBytes), "http_body_bytes": int64(c.HTTPBodyBytes),
		"upload_bytes":  int64(c.UploadBytes),
		"http_min_rate": int64(c.HTTPMinRate), "answer_memory": int64(c.AnswerMemory),
		"answer_spool":        int64(c.AnswerSpool),
		"http_header_timeout": int64(c.HTTPHeaderTimeout), "http_read_idle": int64(c.HTTPReadIdle),
		"http_write_idle": int64(c.HTTPWriteIdle), "http_idle_timeout": int64(c.HTTPIdleTimeout),
		"drain_timeout": int64(c.DrainTimeout),
		"query_timeout": int64(c.QueryTimeout), "query_memory": int64(c.QueryMemory),
		"query_spill":       int64(c.QuerySpill),
		"query_concurrency": int64(c.QueryConcurrency), "query_token_concurrency": int64(c.QueryTokenConcurrency),
	}
	orOff := map[string]int{
		"address_connections": c.AddressConnections, "token_rate": c.TokenRate, "publishable_rate": c.PublishableRate,
	}
	if c.QueryTimeout > Duration(maxQueryTime) {
		add("query_timeout", "is more than 5m")
	}
	for _, field := range Fields() { // findings in the order of the settings
		if n, ok := positive[field.Name]; ok && n < 1 {
			add(field.Name, "can't be 0 or less")
		}
		if orOff[field.Name] < 0 {
			add(field.Name, "is less than 0")
		}
	}
}
