package doctor

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

var keyARN = regexp.MustCompile(`arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+`)

// blameKey tells of a KMS key that may not be used, and says whether that was
// it. A key's trouble comes through S3's answer, which names the key.
func (r *run) blameKey(c *Check, f *object.Failure, why refusal) bool {
	key := keyARN.FindString(f.Message)
	switch {
	case strings.HasPrefix(f.Code, "KMS."):
		c.blame(CauseKMSDisabled, fmt.Sprintf("The KMS key of the object cannot be used by anyone now: %s.", strings.TrimSuffix(f.Message, ".")),
			&Fix{Text: "Enable the key again in KMS, or cancel its deletion."})
	case strings.HasPrefix(why.action, "kms:") && why.policy == resourcePolicy:
		c.blame(CauseKMS, fmt.Sprintf("The key policy of %s does not let the role use it.", named(key)),
			&Fix{Text: fmt.Sprintf("Let the key's policy allow %s to %s.", why.action, r.holder())})
	case strings.HasPrefix(why.action, "kms:") || strings.Contains(f.Message, "kms:Decrypt") || strings.Contains(f.Message, "kms:GenerateDataKey"):
		c.blame(CauseKMS, fmt.Sprintf("The objects are encrypted with %s, and no policy of the role allows to use it.", named(key)), r.keyFix(key))
	default:
		return false
	}
	return true
}

func named(key string) string {
	if key == "" {
		return "a KMS key"
	}
	return "the KMS key " + key
}

// keyFix is the permission policy with the key in it.
func (r *run) keyFix(key string) *Fix {
	text := "Declare the key in the integration, and give the role the permission policy that is then printed: its last statement allows the key through S3 alone."
	if r.key != nil {
		text = "Give the key's user this policy: its last statement allows the KMS key through S3 alone."
	}
	printed, err := r.printed()
	need := r.i.Need()
	need.KMSKeyARNs = append(slices.Clone(need.KMSKeyARNs), key)
	document, keyErr := generate.PermissionPolicy(need)
	if err != nil || keyErr != nil {
		return &Fix{Text: text, Where: OurSetting}
	}
	return r.policyFix(text, document, aws.Diff("permission-policy.json", printed.Permission, document))
}
