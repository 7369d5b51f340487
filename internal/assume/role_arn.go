package assume

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
)

// RoleARN is the ARN of an IAM role: "arn:aws:iam::111122223333:role/path/Name".
// Its methods are for one that [ParseRoleARN] has made.
type RoleARN string

// roleARN: partition, account, path with the slashes around it, name. IAM also
// takes a colon in a path; it would make two ARNs of one, and is refused.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
var roleARN = regexp.MustCompile(`^arn:(aws|aws-cn|aws-us-gov):iam::([0-9]{12}):role(/(?:[!-.0-9;-~]+/)*)([A-Za-z0-9_+=,.@-]{1,64})$`)

const (
	maxRolePath = 512
	roleExample = "arn:aws:iam::111122223333:role/NAME"
)

// ParseRoleARN reads the ARN of a role. What is another kind of ARN, or
// nearly one, is refused with what it is.
func ParseRoleARN(text string) (RoleARN, error) {
	m := roleARN.FindStringSubmatch(text)
	if m == nil {
		return "", roleFault("%s", roleMistake(text))
	}
	if len(m[3]) > maxRolePath {
		return "", roleFault("The role ARN has a path of %d characters; IAM allows %d.", len(m[3]), maxRolePath)
	}
	if strings.ContainsAny(m[3], "*?$") {
		return "", roleFault("The role ARN %s has a wildcard in its path.", quoted(text))
	}
	return RoleARN(text), nil
}

// Partition gives "aws", "aws-cn" or "aws-us-gov".
func (r RoleARN) Partition() string { return r.field(1) }

// Account gives the twelve digits of the role's account.
func (r RoleARN) Account() string { return r.field(4) }

// Path gives the role's path, "/" when it has none.
func (r RoleARN) Path() string {
	rest := strings.TrimPrefix(r.field(5), "role")
	return rest[:strings.LastIndexByte(rest, '/')+1]
}

// Name gives the role's name without its path.
func (r RoleARN) Name() string { return string(r[strings.LastIndexByte(string(r), '/')+1:]) }

// session gives the ARN that a session of the role has.
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

func roleFault(format string, args ...any) error {
	return problem.New(problem.Invalid, format, args...).
		WithHint("Copy it from the role's summary page in IAM; it looks like %s.", roleExample)
}

// roleMistake says in one sentence how text fails to be a role's ARN.
func roleMistake(text string) string {
	parts := strings.SplitN(text, ":", 6)
	switch {
	case text == "":
		return "The role ARN is missing."
	case len(text) > 2048:
		return fmt.Sprintf("The role ARN has %d characters; an ARN has at most 2048.", len(text))
	case strings.TrimSpace(text) != text:
		return fmt.Sprintf("The role ARN %s has white space around it.", quoted(text))
	case strings.ContainsAny(text, "*?$"):
		return fmt.Sprintf("The role ARN %s has a wildcard; it names one role.", quoted(text))
	case len(parts) < 6 || parts[0] != "arn":
		return fmt.Sprintf("%s is not an ARN.", quoted(text))
	case parts[2] == "sts" && strings.HasPrefix(parts[5], "assumed-role/"):
		return fmt.Sprintf("%s is the ARN of a role's session, not of the role.", quoted(text))
	case parts[2] != "iam":
		return fmt.Sprintf("%s is an ARN of the service %q, not of IAM.", quoted(text), parts[2])
	case parts[3] != "":
		return fmt.Sprintf("The role ARN %s names a region; a role has none.", quoted(text))
	case !isAccount(parts[4]):
		return fmt.Sprintf("The account in the role ARN %s is not 12 digits.", quoted(text))
	case !strings.HasPrefix(parts[5], "role/"):
		kind, _, _ := strings.Cut(parts[5], "/")
		return fmt.Sprintf("%s is the ARN of a %s, not of a role.", quoted(text), quoted(kind))
	}
	return fmt.Sprintf("%s is not the ARN of a role: the partition, path or name has a form that IAM does not have.", quoted(text))
}

func isAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// quoted quotes what a caller gave, cut to what a sentence bears.
func quoted(s string) string {
	const most = 120
	if len(s) > most {
		return fmt.Sprintf("%q…", s[:most])
	}
	return fmt.Sprintf("%q", s)
}
