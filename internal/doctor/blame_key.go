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

// blameKey sets the cause when a KMS key can't be used, and reports whether
// that is the cause. S3's error message contains the key.
func (r *run) blameKey(c *Check, f *object.Failure, why refusal) bool {
	key := keyARN.FindString(f.Message)
	switch {
	case strings.HasPrefix(f.Code, "KMS."):
		c.blame(CauseKMSDisabled,
			fmt.Sprintf("The KMS key of the object can't be used by anyone: %s.", strings.TrimSuffix(f.Message, ".")),
			&Fix{Text: "Enable the key in KMS, or cancel its deletion."})
	case strings.HasPrefix(why.action, "kms:") && why.policy == resourcePolicy:
		c.blame(CauseKMS, fmt.Sprintf("The key policy of %s doesn't allow %s to use it.", describeKey(key),
			r.words().holder),
			&Fix{Text: fmt.Sprintf("In the key policy, allow %s for %s.", why.action, r.holder())})
	case strings.HasPrefix(why.action, "kms:") || strings.Contains(f.Message, "kms:Decrypt") ||
		strings.Contains(f.Message, "kms:GenerateDataKey"):
		c.blame(CauseKMS,
			fmt.Sprintf("The objects are encrypted with %s, and no policy of %s allows using it.", describeKey(key),
				r.words().holder),
			r.keyFix(key))
	default:
		return false
	}
	return true
}

func describeKey(key string) string {
	if key == "" {
		return "a KMS key"
	}
	return "the KMS key " + key
}

// keyFix returns the permission policy with the key added.
func (r *run) keyFix(key string) *Fix {
	text := "Declare the key in the integration, and attach the permission policy that Windlass then prints to the role. " +
		"Its last statement allows the key through S3 only."
	if r.key != nil {
		text = "Attach this policy to the key's user. Its last statement allows the KMS key through S3 only."
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
