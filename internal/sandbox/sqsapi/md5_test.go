package sqsapi_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/windlass-io/windlass/internal/sandbox/sqsapi"
	"github.com/windlass-io/windlass/internal/sandbox/sqsstore"
)

func TestDigests(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/md5.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases struct {
		Messages []struct {
			Body       string
			Want       string `json:"md5_of_body"`
			Attributes map[string]sqsstore.Attribute
			WantOfAttr string `json:"md5_of_attributes"`
		}
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases.Messages {
		if got := sqsapi.MD5OfBody(c.Body); got != c.Want {
			t.Errorf("%q: body %s, want %s", c.Body, got, c.Want)
		}
		if got := sqsapi.MD5OfAttributes(c.Attributes); got != c.WantOfAttr {
			t.Errorf("%q: attributes %s, want %s", c.Body, got, c.WantOfAttr)
		}
	}
}
