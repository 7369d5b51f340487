package doctor

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/windlass-io/windlass/internal/setup/aws"
)

// inlinePolicy is the name of the permission policy in the setup documents.
const inlinePolicy = "windlass-access"

// trustFix returns a fix that replaces the role's trust policy by the printed
// one.
func (r *run) trustFix(text string) *Fix {
	documents, err := r.i.Documents()
	if err != nil {
		return &Fix{Text: text}
	}
	return &Fix{
		Text: text, Where: TrustPolicy, Document: documents.Trust,
		Diff: r.pasted.diff("trust-policy.json", r.pasted.Trust, documents.Trust),
		Command: "aws iam update-assume-role-policy --role-name " + shell(r.i.RoleARN.Name()) +
			" --policy-document " + shell(compact(documents.Trust)),
	}
}

// permissionFix returns a fix that replaces the permission policy by the
// printed one.
func (r *run) permissionFix(text string) *Fix {
	documents, err := r.printed()
	if err != nil || documents.Permission == nil {
		return &Fix{Text: text}
	}
	diff := r.pasted.diff("permission-policy.json", r.pasted.Permission, documents.Permission)
	return r.policyFix(text, documents.Permission, diff)
}

func (r *run) policyFix(text string, document []byte, diff string) *Fix {
	return &Fix{
		Text: text, Where: PermissionPolicy, Document: document, Diff: diff,
		Command: r.attachCommand(document),
	}
}

// boundaryFix returns a fix with the least that a permissions boundary must
// allow.
func (r *run) boundaryFix(text string) *Fix {
	documents, err := r.printed()
	if err != nil || documents.Permission == nil || r.key != nil {
		return &Fix{Text: text}
	}
	document := documents.Permission
	if merged, ok := merge(r.pasted.Boundary, documents.Permission); ok {
		document = merged
	}
	return &Fix{
		Text: text, Where: BoundaryPolicy, Document: document,
		Diff: r.pasted.diff("permissions-boundary.json", r.pasted.Boundary, document),
		Command: "aws iam get-role --role-name " + shell(r.i.RoleARN.Name()) +
			" --query Role.PermissionsBoundary.PermissionsBoundaryArn",
	}
}

// ourFix returns a fix that changes a setting of the integration.
func (r *run) ourFix(text, member string, value any, flags string) *Fix {
	if r.key != nil {
		return &Fix{Text: "Remove this access key and add it again with the correct " + strings.ReplaceAll(member, "_",
			" ") + "."}
	}
	document, err := json.Marshal(map[string]any{member: value})
	if err != nil {
		return &Fix{Text: text}
	}
	return &Fix{Text: text, Where: OurSetting, Document: document, Command: "windlass integration update " + r.i.ID +
		" " + flags}
}

func clockFix() *Fix {
	return &Fix{
		Text:    "The operator of this Windlass must synchronize its machine's clock with NTP.",
		Command: "timedatectl set-ntp true",
	}
}

// merge appends the statements of more to policy.
func merge(policy, more []byte) ([]byte, bool) {
	type document struct {
		Version   string            `json:",omitempty"`
		ID        string            `json:"Id,omitempty"`
		Statement []json.RawMessage `json:"Statement"`
	}
	var to, from document
	if len(policy) == 0 || json.Unmarshal(policy, &to) != nil || json.Unmarshal(more, &from) != nil {
		return nil, false
	}
	to.Statement = append(to.Statement, from.Statement...)
	return indent(to)
}

func indent(v any) ([]byte, bool) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(v)
	return out.Bytes(), err == nil
}

// compact returns a JSON document on one line.
func compact(document []byte) string {
	var out bytes.Buffer
	if json.Compact(&out, document) != nil {
		return string(document)
	}
	return out.String()
}

// shell quotes an argument for a POSIX shell.
func shell(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@+,") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// diff returns the changes to a pasted document. It is empty when none was
// pasted.
func (Documents) diff(name string, was json.RawMessage, is []byte) string {
	if len(was) == 0 {
		return ""
	}
	if pretty, ok := indent(was); ok {
		was = pretty
	}
	return aws.Diff(name, was, is)
}
