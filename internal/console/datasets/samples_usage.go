package datasets

import (
	"time"

	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/usage"
)

func sampleUsage() *usagePage {
	p := &usagePage{datasetFrame: sampleFrame("usage")}
	one := usage.Counts{Requests: 12_431, Refusals: 14, Rows: 88_310, Bytes: 4_812_220}
	p.Tokens = []usage.Line{
		{Token: "tok_1", TokenName: "dashboard", Counts: one, P95: 11.3},
		{Token: usage.Console, Counts: usage.Counts{Requests: 3, Rows: 300}, P95: 2},
	}
	p.Kinds = []usage.Line{{Kind: usage.Read, Counts: one, P95: 11.3}}
	first := sample.Time.Truncate(24*time.Hour).AddDate(0, 0, 1-chartDays)
	p.draw([]usage.Line{
		{Day: sample.Time.Format(time.DateOnly), Counts: one},
		{Day: sample.Time.AddDate(0, 0, -3).Format(time.DateOnly), Counts: usage.Counts{Requests: 8_200, Rows: 41_000}},
	}, first)
	return p
}
