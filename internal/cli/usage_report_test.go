package cli

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/client"
)

func TestUsageCSV(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := printUsageCSV(&out, []string{"kind", "token", "dataset"}, []client.UsageLine{
		{Token: "tok_1", TokenName: "app", Dataset: "ds_1", DatasetName: "prices", Kind: "read", Requests: 2, P95: 1.5},
		{Token: "console", Kind: "query", Refusals: 1},
	})
	want := "token,dataset,kind,requests,refusals,rows,bytes,sql_ms,p50_ms,p95_ms\n" +
		"app,prices,read,2,0,0,0,0,0,1.5\nconsole,-,query,0,1,0,0,0,0,0\n"
	if err != nil || out.String() != want {
		t.Errorf("%s%v\nwant %s", out.String(), err, want)
	}
}
