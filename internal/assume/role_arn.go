package assume

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/problem"
)

// RoleARN is the ARN of an IAM role: "arn:aws:iam::111122223333:role/path/Name".
// Its methods require a value that [ParseRoleARN] returned.
type RoleARN string

// roleARN captures partition, account, path with its slashes, and name. IAM
// also allows a colon in a path; it makes ARNs ambiguous, so we don't.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
var roleARN = regexp.MustCompile(
	`^arn:(aws|aws-cn|aws-us-gov):iam::([0-9]{12}):role(/(?:[!-.0-9;-~]+/)*)([A-Za-z0-9_+=,.@-]{1,64})$`)

const (
	maxRolePath = 512
	roleExample = "arn:aws:iam::111122223333:role/NAME"
)

// ParseRoleARN parses the ARN of a role. The error explains what the text is
// instead.
func ParseRoleARN(text string) (RoleARN, error) {
	m := roleARN.FindStringSubmatch(text)
	if m == nil {
		return "", invalidRoleARN("%s", explainRoleARN(text))
	}
	if len(m[3]) > maxRolePath {
		return "", invalidRoleARN("The path in the role ARN has %d characters. IAM allows %d.", len(m[3]), maxRolePath)
	}
	if strings.ContainsAny(m[3], "*?$") {
		return "", invalidRoleARN("The role ARN %s has a wildcard in its path.", quoted(text))
	}
	return RoleARN(text), nil
}

// Partition returns "aws", "aws-cn" or "aws-us-gov".
func (r RoleARN) Partition() string { return r.field(1) }

// Account returns the role's account, twelve digits.
func (r RoleARN) Account() string { return r.field(4) }

// Path returns the role's path, "/" when it has none.
func (r RoleARN) Path() string {
	rest := strings.TrimPrefix(r.field(5), "role")
	return rest[:strings.LastIndexByte(rest, '/')+1]
}

// Name returns the role's name without its path.
func (r RoleARN) Name() string { return string(r[strings.LastIndexByte(string(r), '/')+1:]) }

// session returns the ARN of a session of the role.
func (r RoleARN) session(name string) string {
	return fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/%s", r.Partition(), r.Account(), r.Name(), name)
}

func (r RoleARN) field(n int) string {
	parts := strings.SplitN(string(r), ":", 6)
	if len(parts) <= n {
		return "/"
	}
	return parts[n]
}

func invalidRoleARN(format string, args ...any) error {
	return problem.New(problem.Invalid, format, args...).
		WithHint("Copy it from the role's summary page in IAM. It looks like %s.", roleExample)
}

// explainRoleARN explains in one sentence why text isn't the ARN of a role.
func explainRoleARN(text string) string {
	parts := strings.SplitN(text, ":", 6)
	switch {
	case text == "":
		return "The role ARN is missing."
	case len(text) > 2048:
		return fmt.Sprintf("The role ARN has %d characters. An ARN has at most 2048.", len(text))
	case strings.TrimSpace(text) != text:
		return fmt.Sprintf("The role ARN %s starts or ends with white space.", quoted(text))
	case strings.ContainsAny(text, "*?$"):
		return fmt.Sprintf("The role ARN %s has a wildcard. It must name one role.", quoted(text))
	case len(parts) < 6 || parts[0] != "arn":
		return fmt.Sprintf("%s isn't an ARN.", quoted(text))
	case parts[2] == "sts" && strings.HasPrefix(parts[5], "assumed-role/"):
		return fmt.Sprintf("%s is the ARN of a role's session, not of the role.", quoted(text))
	case parts[2] != "iam":
		return fmt.Sprintf("%s is an ARN of the service %q, not of IAM.", quoted(text), parts[2])
	case parts[3] != "":
		return fmt.Sprintf("The role ARN %s has a region. Role ARNs have no region.", quoted(text))
	case !isAccount(parts[4]):
		return fmt.Sprintf("The account in the role ARN %s isn't 12 digits.", quoted(text))
	case !strings.HasPrefix(parts[5], "role/"):
		kind, _, _ := strings.Cut(parts[5], "/")
		return fmt.Sprintf("%s is the ARN of a %s, not of a role.", quoted(text), quoted(kind))
	}
	return fmt.Sprintf("%s isn't the ARN of a role: its partition, path or name is invalid.", quoted(text))
}

func isAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// quoted quotes a caller's input for a sentence, clipped to 120 bytes.
func quoted(s string) string { return clip.Quote(s, 120) }
