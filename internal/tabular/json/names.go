package json

import "github.com/windlass-io/windlass/internal/dataset"

// SetNames sets how records name columns.
func (s *Stream) SetNames(names dataset.Names) { s.renamed = names.Renamed }

// rename adds the former names of columns.
func (p *parser) rename(renamed map[string]string) {
	for former, now := range renamed {
		if i, ok := p.columns[now]; ok {
			if _, taken := p.columns[former]; !taken {
				p.columns[former] = i
			}
		}
	}
}
