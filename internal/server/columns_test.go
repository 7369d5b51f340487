package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// widest is the maximum number of a dataset's columns.
const widest = 10_000

// schema returns a dataset's document with n columns.
func schema(name string, n int) string {
	columns := make([]string, n)
	for i := range columns {
		columns[i] = fmt.Sprintf(`{"name":"c%d","type":"string","required":false,"allow_null":true}`, i)
	}
	columns[0] = `{"name":"k","type":"string","required":true,"allow_null":false}`
	return fmt.Sprintf(`{"name":%q,"columns":[%s],"index":{"key":"k"}}`, name, strings.Join(columns, ","))
}

// TestWidestDataset writes and reads a dataset with the most columns and the
// longest name, and is refused one more of each.
func TestWidestDataset(t *testing.T) {
	t.Parallel()
	o := listen(t, nil)
	name := strings.Repeat("n", 255)
	o.must(t, nil, http.MethodPost, datasets, o.token, schema(name, widest))
	for what, document := range map[string]string{
		"a column":    schema("more", widest+1),
		"a character": schema(name+"n", 1),
	} {
		got := o.call(t, http.MethodPost, datasets, o.token, document)
		if got.status != http.StatusUnprocessableEntity {
			t.Errorf("%s more: %d %.300s", what, got.status, got.text)
		}
	}
	row := map[string]string{"k": "a"}
	for i := 7000; i < widest; i++ { // as many as fit into a row's 64 KiB
		row[fmt.Sprintf("c%d", i)] = fmt.Sprint(i)
	}
	text, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	o.must(t, nil, http.MethodPost, "/v1/data/main/"+name, o.token, string(text))
	var got []map[string]any
	o.must(t, &got, http.MethodGet, "/v1/data/main/"+name+"?last=1", o.token, "")
	if len(got) != 1 || got[0]["c9999"] != "9999" || got[0]["c7000"] != "7000" {
		t.Errorf("the row is read as %.300v", got)
	}
}
