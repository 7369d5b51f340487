package iam_test

import (
	"encoding/json"

	"pgregory.net/rapid"

	"github.com/windlass-io/windlass/iam"
)

// The random policies and requests of the property tests use few words, so
// that they often match.

func oneOf(t *rapid.T, label string, words ...string) string {
	return rapid.SampledFrom(words).Draw(t, label)
}

func someOf(t *rapid.T, label string, words ...string) any {
	list := rapid.SliceOfN(rapid.SampledFrom(words), 0, 3).Draw(t, label)
	if len(list) == 1 && rapid.Bool().Draw(t, label+" alone") {
		return list[0]
	}
	return list
}

var (
	randomActions = []string{
		"s3:GetObject", "S3:getobject", "s3:PutObject", "s3:Get*", "s3:*Object", "s3:*", "*", "s3:?etObject", "ec2:*",
	}
	randomResources = []string{
		"*", "arn:aws:s3:::b/*", "arn:aws:s3:::b/${aws:username}/*", "arn:aws:s3:::b/alice/x", "arn:aws:s3:::b",
		"arn:*:s3:::b/?lice/*", "arn:aws:s3:::b/${aws:X, 'alice'}/*", "arn:aws:s3*",
	}
	randomCallers = []string{
		"*", "111122223333", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/alice",
		"arn:aws:iam::111122223333:role/app", "arn:aws:sts::111122223333:assumed-role/app/s1",
		"arn:aws:sts::111122223333:federated-user/bob", "444455556666", "arn:aws:iam::111122223333:user/*",
	}
	randomValues = []string{"alice", "b*", "*", "", "${aws:username}", "${aws:none}", "${aws:X, 'alice'}", "bob"}
)

func randomStatement(t *rapid.T, kind iam.Kind, effect string) map[string]any {
	s := map[string]any{"Effect": effect}
	not := func(name string) string {
		if rapid.IntRange(0, 4).Draw(t, "not "+name) == 4 {
			return "Not" + name
		}
		return name
	}
	s[not("Action")] = someOf(t, "actions", randomActions...)
	if kind != iam.Trust {
		s[not("Resource")] = someOf(t, "resources", randomResources...)
	}
	if kind == iam.Resource || kind == iam.Trust || kind == iam.ResourceControl || kind == iam.Endpoint {
		var principal any = "*"
		if rapid.Bool().Draw(t, "named principals") {
			principal = map[string]any{
				"AWS":     someOf(t, "callers", randomCallers...),
				"Service": someOf(t, "services", "s3.amazonaws.com", "ec2.amazonaws.com"),
			}
		}
		s[not("Principal")] = principal
	}
	if rapid.Bool().Draw(t, "conditional") {
		s["Condition"] = randomCondition(t)
	}
	return s
}

func randomCondition(t *rapid.T) map[string]any {
	condition := map[string]any{}
	for range rapid.IntRange(1, 2).Draw(t, "operators") {
		prefix := oneOf(t, "prefix", "", "", "", "ForAllValues:", "ForAnyValue:")
		suffix := oneOf(t, "suffix", "", "", "IfExists")
		key := oneOf(t, "key", "aws:username", "aws:X", "aws:Many", "aws:none", "aws:Number")
		switch oneOf(t, "family", "text", "number", "bool", "null", "arn") {
		case "text":
			name := oneOf(t, "operator", "StringEquals", "StringNotEquals", "StringLike", "StringNotLike",
				"StringEqualsIgnoreCase")
			condition[prefix+name+suffix] = map[string]any{key: someOf(t, "values", randomValues...)}
		case "number":
			name := oneOf(t, "operator", "NumericEquals", "NumericNotEquals", "NumericLessThan")
			condition[prefix+name+suffix] = map[string]any{key: someOf(t, "values", "1", "10", "-1.5")}
		case "bool":
			condition[prefix+"Bool"+suffix] = map[string]any{key: someOf(t, "values", "true", "false")}
		case "arn":
			name := oneOf(t, "operator", "ArnLike", "ArnNotEquals")
			condition[prefix+name+suffix] = map[string]any{
				key: someOf(t, "values", "*", "arn:aws:iam::*:user/${aws:username}", "alice"),
			}
		default:
			condition[prefix+"Null"] = map[string]any{key: someOf(t, "values", "true", "false")}
		}
	}
	return condition
}

// randomDocument returns a policy as decoded JSON.
func randomDocument(t *rapid.T, kind iam.Kind) map[string]any {
	var statements []any
	for range rapid.IntRange(1, 4).Draw(t, "statements") {
		effect := oneOf(t, "effect", "Allow", "Allow", "Deny")
		statements = append(statements, randomStatement(t, kind, effect))
	}
	document := map[string]any{"Statement": statements}
	if version := oneOf(t, "version", iam.Version2012, iam.Version2012, iam.Version2008, ""); version != "" {
		document["Version"] = version
	}
	return document
}

func compileRandom(t *rapid.T, kind iam.Kind, document map[string]any) *iam.Compiled {
	text, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	policy, err := iam.Parse(kind, text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	compiled, err := iam.Compile(policy)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return compiled
}

// documents are the uncompiled policies of one request.
type documents struct {
	identity, session         []map[string]any
	resource, trust, boundary map[string]any
}

func randomDocuments(t *rapid.T) *documents {
	d := new(documents)
	for range rapid.IntRange(0, 2).Draw(t, "identity policies") {
		d.identity = append(d.identity, randomDocument(t, iam.Identity))
	}
	for range rapid.IntRange(0, 2).Draw(t, "session policies") {
		d.session = append(d.session, randomDocument(t, iam.Session))
	}
	if rapid.Bool().Draw(t, "has a resource policy") {
		d.resource = randomDocument(t, iam.Resource)
	}
	if rapid.IntRange(0, 3).Draw(t, "has a trust policy") == 0 {
		d.trust = randomDocument(t, iam.Trust)
	}
	if rapid.IntRange(0, 2).Draw(t, "has a boundary") == 0 {
		d.boundary = randomDocument(t, iam.Boundary)
	}
	return d
}

func (d *documents) compile(t *rapid.T) *iam.Policies {
	p := new(iam.Policies)
	for _, document := range d.identity {
		p.Identity = append(p.Identity, compileRandom(t, iam.Identity, document))
	}
	for _, document := range d.session {
		p.Session = append(p.Session, compileRandom(t, iam.Session, document))
	}
	if d.resource != nil {
		p.Resource = compileRandom(t, iam.Resource, d.resource)
	}
	if d.trust != nil {
		p.Trust = compileRandom(t, iam.Trust, d.trust)
	}
	if d.boundary != nil {
		p.Boundary = compileRandom(t, iam.Boundary, d.boundary)
	}
	return p
}

// each calls visit with every document and its kind.
func (d *documents) each(visit func(kind iam.Kind, document map[string]any)) {
	for _, document := range d.identity {
		visit(iam.Identity, document)
	}
	for _, document := range d.session {
		visit(iam.Session, document)
	}
	for _, one := range []struct {
		kind     iam.Kind
		document map[string]any
	}{{iam.Resource, d.resource}, {iam.Trust, d.trust}, {iam.Boundary, d.boundary}} {
		if one.document != nil {
			visit(one.kind, one.document)
		}
	}
}

func randomRequest(t *rapid.T) *iam.Request {
	callers := []iam.Principal{
		{Type: iam.User, ARN: "arn:aws:iam::111122223333:user/alice", Account: "111122223333"},
		{
			Type: iam.RoleSession, ARN: "arn:aws:sts::111122223333:assumed-role/app/s1",
			RoleARN: "arn:aws:iam::111122223333:role/app", Account: "111122223333",
		},
		{Type: iam.Root, ARN: "arn:aws:iam::111122223333:root", Account: "111122223333"},
		{
			Type: iam.FederatedUser, ARN: "arn:aws:sts::111122223333:federated-user/bob",
			Account: "111122223333", UserARN: "arn:aws:iam::111122223333:user/alice",
		},
		{Type: iam.Service, Service: "s3.amazonaws.com"},
		{Type: iam.Anonymous},
	}
	r := &iam.Request{
		Principal: rapid.SampledFrom(callers).Draw(t, "caller"),
		Action: oneOf(t, "action", "s3:GetObject", "s3:GetObject", "s3:PutObject", "ec2:RunInstances", "sts:AssumeRole",
			"sts:TagSession"),
		Resource: oneOf(
			t,
			"resource",
			"arn:aws:s3:::b/alice/x",
			"arn:aws:s3:::b/alice/x",
			"arn:aws:s3:::b",
			"*",
		),
		ResourceAccount: oneOf(t, "owner", "111122223333", "111122223333", "444455556666"),
	}
	if rapid.Bool().Draw(t, "has a name") {
		r.Context.Set("aws:username", oneOf(t, "name", "alice", "bob", "*"))
	}
	if rapid.Bool().Draw(t, "has X") {
		r.Context.Set("AWS:x", oneOf(t, "x", "alice", "", "true"))
	}
	if rapid.Bool().Draw(t, "has many") {
		r.Context.Set("aws:Many", rapid.SliceOfN(rapid.SampledFrom(randomValues), 0, 3).Draw(t, "many")...)
	}
	if rapid.Bool().Draw(t, "has a number") {
		r.Context.Set("aws:Number", oneOf(t, "number", "1", "10", "-1.5", "x"))
	}
	return r
}
