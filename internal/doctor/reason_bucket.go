package doctor

import (
	"encoding/json"
	"fmt"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/integration/pasted"
)

// bucketDocument is a bucket policy. Statements that a fix doesn't change keep
// their text.
type bucketDocument struct {
	Version   string            `json:",omitempty"`
	ID        string            `json:"Id,omitempty"`
	Statement []json.RawMessage `json:"Statement"`
}

// bucketStatement has the members of a statement in the order of AWS's
// documentation.
type bucketStatement struct {
	Sid          string          `json:",omitempty"`
	Effect       string          `json:",omitempty"`
	Principal    json.RawMessage `json:",omitempty"`
	NotPrincipal json.RawMessage `json:",omitempty"`
	Action       json.RawMessage `json:",omitempty"`
	NotAction    json.RawMessage `json:",omitempty"`
	Resource     json.RawMessage `json:",omitempty"`
	NotResource  json.RawMessage `json:",omitempty"`
	Condition    map[string]map[string]json.RawMessage
}

// bucketFix returns a fix that exempts the role from the Deny statements that
// apply to it. Without a pasted bucket policy it has no document.
func (r *run) bucketFix() *Fix {
	role := string(r.i.RoleARN)
	if r.key != nil {
		return &Fix{Text: "Exempt the key's user from the Deny statement, by a condition ArnNotEquals on aws:PrincipalArn."}
	}
	fix := &Fix{
		Text: fmt.Sprintf(
			"Exempt the role from the Deny statement. Add the condition \"ArnNotEquals\": {\"aws:PrincipalArn\": %q}.",
			role),
		Where: BucketPolicy,
	}
	if len(r.i.Locations) == 0 {
		return fix
	}
	bucket := r.i.Locations[r.first].Bucket
	fix.Command = "aws s3api get-bucket-policy --bucket " + shell(bucket) + " --query Policy --output text"
	corrected, ok := r.exempt(r.pasted.Bucket)
	if !ok {
		return fix
	}
	fix.Document, fix.Diff = corrected, r.pasted.diff("bucket-policy.json", r.pasted.Bucket, corrected)
	fix.Command = "aws s3api put-bucket-policy --bucket " + shell(bucket) + " --policy " + shell(compact(corrected))
	return fix
}

// exempt adds the exemption to each statement that denies the role access to a
// location.
func (r *run) exempt(policy []byte) ([]byte, bool) {
	var document bucketDocument
	if len(policy) == 0 || json.Unmarshal(policy, &document) != nil {
		return nil, false
	}
	exempted := false
	for n, raw := range document.Statement {
		var s bucketStatement
		if json.Unmarshal(raw, &s) != nil || !r.deniedBy(raw) {
			continue
		}
		if s.Condition == nil {
			s.Condition = map[string]map[string]json.RawMessage{}
		}
		if s.Condition["ArnNotEquals"] == nil {
			s.Condition["ArnNotEquals"] = map[string]json.RawMessage{}
		}
		values := s.Condition["ArnNotEquals"]["aws:PrincipalArn"]
		s.Condition["ArnNotEquals"]["aws:PrincipalArn"] = withValue(values, string(r.i.RoleARN))
		changed, ok := indent(s)
		if !ok {
			return nil, false
		}
		document.Statement[n], exempted = changed, true
	}
	if !exempted {
		return nil, false
	}
	return indent(document)
}

// deniedBy reports whether a statement denies the role to list, read or write
// in a location.
func (r *run) deniedBy(statement json.RawMessage) bool {
	text, err := json.Marshal(bucketDocument{Version: iam.Version2012, Statement: []json.RawMessage{statement}})
	if err != nil {
		return false
	}
	policy := pasted.Compile(iam.Resource, text)
	if policy == nil {
		return false
	}
	for _, location := range r.i.Locations {
		bucket := r.arn(location.Bucket)
		key := bucket + "/" + location.Prefix + "x"
		for _, call := range []struct{ action, resource string }{
			{"s3:ListBucket", bucket}, {"s3:GetObject", key}, {"s3:PutObject", key},
		} {
			request := &iam.Request{
				Principal: r.roleSession(), Action: call.action, Resource: call.resource,
				ResourceAccount: r.i.RoleARN.Account(),
			}
			request.Context.Set("aws:PrincipalArn", string(r.i.RoleARN))
			request.Context.Set("aws:PrincipalAccount", r.i.RoleARN.Account())
			request.Context.Set("aws:SecureTransport", "true")
			if call.action == "s3:ListBucket" {
				request.Context.Set("s3:prefix", location.Prefix)
			}
			if iam.Evaluate(&iam.Policies{Resource: policy}, request).Effect == iam.ExplicitDeny {
				return true
			}
		}
	}
	return false
}

// withValue adds a value to the values of a condition: a string or an array.
func withValue(values json.RawMessage, value string) json.RawMessage {
	var list []string
	var single string
	if json.Unmarshal(values, &list) != nil && json.Unmarshal(values, &single) == nil {
		list = []string{single}
	}
	out, err := json.Marshal(append(list, value))
	if err != nil {
		return values
	}
	return out
}
