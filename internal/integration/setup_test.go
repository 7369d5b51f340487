package integration_test

import (
	"strings"
	"testing"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
)

// Every format has the partition, the keys, the External ID and what vending
// takes, in its own spelling.
func TestEveryFormatReflectsTheIntegration(t *testing.T) {
	t.Parallel()
	for partition, suffix := range map[string]string{"aws": "amazonaws.com", "aws-cn": "amazonaws.com.cn", "aws-us-gov": "amazonaws.com"} {
		i := integration.Integration{
			Name: "acme", ExternalID: "b7f1c2d40a634c0b9a527b1e7f3a9c11", PrincipalARN: "arn:" + partition + ":iam::444455556666:role/windlass",
			RoleARN:   assume.RoleARN("arn:" + partition + ":iam::111122223333:role/reader"),
			Locations: []object.Location{{Bucket: "acme-data", Prefix: "daily/"}}, Access: integration.ReadWrite, Vending: true,
			KMSKeyARNs: []string{"arn:" + partition + ":kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012"},
		}
		documents, err := i.Documents()
		if err != nil {
			t.Fatal(err)
		}
		for _, format := range integration.Formats() {
			text, err := generate.Render(format, generate.Documents(documents))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{
				string(i.ExternalID), i.PrincipalARN, "arn:" + partition + ":s3:::acme-data/daily/*", i.KMSKeyARNs[0],
				"s3.eu-west-1." + suffix, "kms:GenerateDataKey", "s3:DeleteObject", "sts:TagSession", "windlass:*", "windlass-*",
			} {
				if !strings.Contains(text, want) {
					t.Errorf("%s of %s lacks %s:\n%s", format, partition, want, text)
				}
			}
			for _, other := range []string{"aws", "aws-cn", "aws-us-gov"} {
				if other != partition && strings.Contains(text, "arn:"+other+":") {
					t.Errorf("%s of %s names the partition %s", format, partition, other)
				}
			}
		}
	}
}
