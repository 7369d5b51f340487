package server

import (
	"runtime/debug"
	"runtime/metrics"

	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/telemetry/hits"
)

// registerDatabases adds the connections to the databases with the state and the rows.
func (s *Server) registerDatabases() {
	s.registerPool("state", s.store.Connections)
	if s.tables != nil {
		s.registerPool("rows", func() store.Connections {
			used, idle, most, waited := s.tables.Connections()
			return store.Connections{Used: used, Idle: idle, Max: most, Waited: waited}
		})
	}
}

func (s *Server) registerPool(db string, connections func() store.Connections) {
	for state, value := range map[string]func(store.Connections) int{
		"used": func(c store.Connections) int { return c.Used },
		"idle": func(c store.Connections) int { return c.Idle },
		"max":  func(c store.Connections) int { return c.Max },
	} {
		s.metrics.Gauge("db_connections", "Connections to a database.", map[string]string{"db": db, "state": state},
			func() float64 { return float64(value(connections())) })
	}
	s.metrics.Counter("db_wait_seconds_total", "Time spent waiting for a connection.", map[string]string{"db": db},
		func() float64 { return connections().Waited.Seconds() })
}

// registerCaches adds what the caches had and missed.
func (s *Server) registerCaches() {
	caches := map[string]*hits.Counter{
		"tokens": s.tokens.CacheRequests(), "roles": s.roles.CacheRequests(), "datasets": &s.found.Requests,
	}
	if s.files != nil {
		caches["pages"], caches["footers"] = s.files.CacheRequests()
		s.metrics.Gauge("cache_bytes", "Bytes in a cache.", map[string]string{"cache": "pages"},
			func() float64 { return float64(s.files.CacheBytes()) })
	}
	for name, counter := range caches {
		for result, value := range map[string]func() int64{"hit": counter.Hits, "miss": counter.Misses} {
			s.metrics.Counter("cache_requests_total", "Requests to caches.",
				map[string]string{"cache": name, "result": result}, func() float64 { return float64(value()) })
		}
	}
}

// registerMemory adds the budget of the memory, and its use, by part.
func (s *Server) registerMemory() {
	s.metrics.Gauge("memory_limit_bytes", "Memory limit of the Go runtime.", nil, func() float64 {
		return float64(debug.SetMemoryLimit(-1))
	})
	s.registerPart("heap", nil, func() int64 { return runtimeBytes("/memory/classes/heap/objects:bytes") })
	s.registerPart("total", func() int64 { return int64(s.config.Settings.Memory) }, func() int64 {
		return runtimeBytes("/memory/classes/total:bytes") - runtimeBytes("/memory/classes/heap/released:bytes")
	})
	if s.files == nil {
		return
	}
	settings := &s.config.Settings
	s.registerPart("pages", s.files.MaxCacheBytes, s.files.CacheBytes)
	s.registerPart("sort", func() int64 { return s.files.MaxSortBytes() * int64(settings.Loads) }, s.files.SortBytes)
	s.registerPart("query", func() int64 { return s.maxQueryMemory() * int64(settings.QueryConcurrency) },
		s.queryMemory)
}

func (s *Server) registerPart(part string, budget, used func() int64) {
	labels := map[string]string{"part": part}
	if budget != nil {
		s.metrics.Gauge("memory_budget_bytes", "Memory that a part of the service may use.", labels,
			func() float64 { return float64(budget()) })
	}
	s.metrics.Gauge("memory_used_bytes", "Memory that a part of the service uses.", labels,
		func() float64 { return float64(used()) })
}

// queryMemory returns the memory of the processes of SQL queries.
func (s *Server) queryMemory() int64 {
	if s.sql == nil {
		return 0
	}
	return s.sql.MemoryUsed()
}

// runtimeBytes returns a value of the Go runtime.
func runtimeBytes(name string) int64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(sample[0].Value.Uint64()) //nolint:gosec // far below 2^63
}

// registerDisk adds the disk with the rows.
func (s *Server) registerDisk() {
	volume := map[string]string{"volume": "dir"}
	s.metrics.Gauge("disk_free_bytes", "Free bytes.", volume, func() float64 {
		free, _, err := s.files.Space()
		return orNaN(free, err)
	})
	s.metrics.Gauge("disk_reserve_bytes", "Bytes that loads keep free.", volume, func() float64 {
		_, reserve, err := s.files.Space()
		return orNaN(reserve, err)
	})
}
