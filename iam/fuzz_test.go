package iam_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/windlass-io/windlass/iam"
)

// FuzzParse checks that parsing never panics or hangs, that a parsed policy
// prints to an equal one, and that a compiled policy can be evaluated.
func FuzzParse(f *testing.F) {
	for i, c := range readCorpus(f) {
		if i%20 != 0 {
			continue
		}
		for _, document := range c.Policies.Identity {
			f.Add(uint8(iam.Identity), []byte(document))
		}
		f.Add(uint8(iam.Resource), []byte(c.Policies.Resource))
		f.Add(uint8(iam.Trust), []byte(c.Policies.Trust))
	}
	f.Add(uint8(iam.Resource), []byte(wellFormed))
	f.Add(uint8(iam.Identity),
		[]byte(`{"Statement":[{"Effect":"Allow","NotAction":[],"NotResource":[],"Condition":{"":{"":[]}}},]}//`))
	f.Fuzz(func(t *testing.T, kind uint8, document []byte) {
		k := iam.Kinds()[int(kind)%len(iam.Kinds())]
		policy, err := iam.Parse(k, document)
		if difference := fromTree(k, document, policy); difference != "" {
			t.Fatal(difference)
		}
		if err != nil {
			if len(findings(err)) == 0 {
				t.Fatalf("an error without findings: %v", err)
			}
			return
		}
		checkPrinted(t, policy)
		checkDecides(t, policy)
	})
}

// fromTree describes how a policy differs from the one in the document's
// syntax tree. A nil policy means that Parse failed.
func fromTree(kind iam.Kind, document []byte, policy *iam.Policy) string {
	var want *iam.Policy
	root, err := iam.ParseDocument(document)
	if root != nil && err == nil {
		if read, found := iam.FromDocument(kind, root); len(found) == 0 {
			want = read
		}
	}
	return cmp.Diff(want, policy, cmpopts.EquateEmpty())
}

func checkPrinted(t *testing.T, policy *iam.Policy) {
	t.Helper()
	printed, err := policy.MarshalJSON()
	if err != nil {
		t.Fatalf("printing what was read: %v", err)
	}
	again, err := iam.Parse(policy.Kind, printed)
	if err != nil {
		t.Fatalf("%s: %v", printed, err)
	}
	if diff := cmp.Diff(policy, again, cmpopts.IgnoreTypes(iam.Position{}), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-read +printed and read)\n%s", printed, diff)
	}
}

func checkDecides(t *testing.T, policy *iam.Policy) {
	t.Helper()
	compiled, err := iam.Compile(policy)
	if err != nil {
		if len(findings(err)) == 0 {
			t.Fatalf("an error without findings: %v", err)
		}
		return
	}
	p := new(iam.Policies)
	switch policy.Kind {
	case iam.Identity:
		p.Identity = []*iam.Compiled{compiled}
	case iam.Resource:
		p.Resource = compiled
	case iam.Trust:
		p.Trust = compiled
	case iam.Session:
		p.Session = []*iam.Compiled{compiled}
	case iam.Boundary:
		p.Boundary = compiled
	case iam.ServiceControl:
		p.ServiceControl = [][]*iam.Compiled{{compiled}}
	case iam.ResourceControl:
		p.ResourceControl = []*iam.Compiled{compiled}
	case iam.Endpoint:
		p.Endpoint = compiled
	}
	for _, r := range fiveCalls() {
		if want, got := iam.Evaluate(p, r), iam.Observe(p, r,
			&recorder{applied: make(map[iam.Kind]bool)}); want != got {
			t.Fatalf("Evaluate gives %v, Observe %v", want, got)
		}
	}
}

// holds reports whether a condition allows a request with one key. compiles is
// false if the operator doesn't accept the value.
func holds(operator, value, actual string) (allowed, compiles bool) {
	policy := &iam.Policy{Kind: iam.Identity, Version: iam.Text{Value: iam.Version2012}, Statements: []iam.Statement{{
		Effect:   iam.Text{Value: "Allow"},
		Action:   &iam.List{Values: []iam.Text{{Value: "*"}}},
		Resource: &iam.List{Values: []iam.Text{{Value: "*"}}},
		Conditions: []iam.Condition{{
			Operator: iam.Text{Value: operator}, Key: iam.Text{Value: "aws:X"},
			Values: iam.List{Values: []iam.Text{{Value: value}}},
		}},
	}}}
	compiled, err := iam.Compile(policy)
	if err != nil {
		return false, false
	}
	r := &iam.Request{
		Principal: iam.Principal{Type: iam.User, Account: "111122223333"}, Action: "s3:GetObject",
		Resource: "*", ResourceAccount: "111122223333",
	}
	r.Context.Set("aws:x", actual)
	r.Context.Set("aws:username", "al*ce")
	return iam.Evaluate(&iam.Policies{Identity: []*iam.Compiled{compiled}}, r).Allowed(), true
}

// check compares an operator's outcome with the expected one.
func check(t *testing.T, operator, value, actual string, want bool) {
	t.Helper()
	got, compiles := holds(operator, value, actual)
	if !compiles || got != want {
		t.Errorf("%s %q on %q: %t (compiles: %t), want %t", operator, value, actual, got, compiles, want)
	}
}

// FuzzMatch compares the matcher with a slow, simple one.
func FuzzMatch(f *testing.F) {
	for _, pair := range [][2]string{
		{"", ""},
		{"*", ""},
		{"a*b*c", "aXbYbZc"},
		{"a?c", "aéc"},
		{"*a*", "banana"},
		{"a*a", "a"},
		{"**", "x"},
		{"?*?", "ab"},
		{"*?", "é"},
		{"*.example.com", "www.example.com"},
		{"a*bc*bc", "abcbc"},
	} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 60 || len(text) > 60 || strings.ContainsAny(pattern, "$") || !validUTF8(pattern, text) {
			return
		}
		want := plainMatch([]rune(pattern), []rune(text))
		check(t, "StringLike", pattern, text, want)
		check(t, "StringNotLike", pattern, text, !want)
		check(t, "StringEquals", pattern, text, pattern == text)
		check(t, "StringEqualsIgnoreCase", pattern, text, strings.EqualFold(pattern, text))
	})
}

func validUTF8(texts ...string) bool {
	for _, text := range texts {
		if strings.ToValidUTF8(text, "") != text {
			return false
		}
	}
	return true
}

func plainMatch(pattern, text []rune) bool {
	// reach[j] reports whether the pattern so far matches text[:j].
	reach := make([]bool, len(text)+1)
	reach[0] = true
	for _, p := range pattern {
		next := make([]bool, len(text)+1)
		for j := range next {
			switch {
			case p == '*':
				next[j] = reach[j] || j > 0 && next[j-1]
			case j > 0 && (p == '?' || p == text[j-1]):
				next[j] = reach[j-1]
			}
		}
		reach = next
	}
	return reach[len(text)]
}

// FuzzARN compares ARN operators with field-by-field matching.
func FuzzARN(f *testing.F) {
	f.Add("arn:aws:sns:*:1:t*", "arn:aws:sns:us-east-1:1:t:x")
	f.Add("arn:*:*:*:*:*", "arn:::::")
	f.Add("arn:aws:s3", "arn:aws:s3:::b")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 60 || len(text) > 60 || strings.ContainsAny(pattern, "$") || pattern == "*" ||
			strings.Trim(pattern, "*") == "" ||
			!validUTF8(pattern, text) {
			return
		}
		want := pattern == text && !strings.ContainsAny(pattern, "*?")
		p, a := strings.SplitN(pattern, ":", 6), strings.SplitN(text, ":", 6)
		if len(p) == 6 {
			want = len(a) == 6 && a[0] == "arn"
			for i := 0; want && i < 6; i++ {
				want = plainMatch([]rune(p[i]), []rune(a[i]))
			}
		} else if strings.ContainsAny(pattern, "*?") {
			want = pattern == text
		}
		check(t, "ArnLike", pattern, text, want)
		check(t, "ArnNotEquals", pattern, text, !want)
	})
}

// FuzzVariables checks that a variable matches its value as plain text,
// whatever the value is.
func FuzzVariables(f *testing.F) {
	f.Add("home/", "/*", "alice")
	f.Add("${*}", "${$}", "*")
	f.Add("", "", "${aws:username}")
	f.Add("a", "${aws:username, 'x'}", "")
	f.Fuzz(func(t *testing.T, before, after, value string) {
		if len(before)+len(after)+len(value) > 100 || !validUTF8(before, after, value) {
			return
		}
		if strings.Contains(before+"|"+after, "$") {
			holds("StringLike", before+"${aws:username}"+after, value) // must not panic
			return
		}
		// The compared key is the one that the variable names.
		want := plainMatchAround([]rune(before), []rune(value), []rune(after), []rune(value))
		check(t, "StringLike", before+"${aws:X}"+after, value, want)
		check(t, "StringLike", before+"${aws:None, 'a*b'}"+after, value,
			plainMatchAround([]rune(before), []rune("a*b"), []rune(after), []rune(value)))
		check(t, "StringEquals", before+"${aws:X}"+after, before+value+after, before+after == "")
	})
}

// plainMatchAround matches before, then value as plain text, then after.
func plainMatchAround(before, value, after, text []rune) bool {
	for i := 0; i+len(value) <= len(text); i++ {
		if string(text[i:i+len(value)]) == string(value) && plainMatch(before, text[:i]) &&
			plainMatch(after, text[i+len(value):]) {
			return true
		}
	}
	return false
}
