package aws_test

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

const published = "https://windlass-templates.s3.eu-west-1.amazonaws.com/role.yaml"

func launch(changes ...func(*aws.Launch)) aws.Launch {
	l := aws.Launch{
		TemplateURL: published,
		Region:      "eu-west-1",
		RoleName:    "windlass-acme",
		Trust:       generate.Trust{PrincipalARN: windlass, ExternalIDs: []string{first}},
		Need: generate.Need{
			Access: generate.Read, Locations: []generate.Location{{Bucket: "acme-data", Prefix: "reports/"}},
		},
	}
	for _, change := range changes {
		change(&l)
	}
	return l
}

func in(partition generate.Partition) func(*aws.Launch) {
	return func(l *aws.Launch) {
		l.Trust.Partition, l.Need.Partition = partition, partition
		l.Trust.PrincipalARN = strings.Replace(windlass, "arn:aws:", "arn:"+string(partition)+":", 1)
	}
}

func TestLaunchURL(t *testing.T) {
	t.Parallel()
	upload := func(l *aws.Launch) { l.TemplateURL = "" }
	for name, tt := range map[string]struct {
		launch aws.Launch
		host   string
		region string
		page   string
	}{
		"published":         {launch(), "eu-west-1.console.aws.amazon.com", "eu-west-1", "/stacks/quickcreate"},
		"nothing published": {launch(upload), "eu-west-1.console.aws.amazon.com", "eu-west-1", "/stacks/create"},
		"no Region": {
			launch(func(l *aws.Launch) { l.Region = "" }), "us-east-1.console.aws.amazon.com",
			"us-east-1", "/stacks/quickcreate",
		},
		"an invalid Region": {
			launch(func(l *aws.Launch) { l.Region = "evil.example.com/?" }),
			"us-east-1.console.aws.amazon.com", "us-east-1", "/stacks/quickcreate",
		},
		"China": {
			launch(in(generate.China)), "cn-north-1.console.amazonaws.cn", "cn-north-1",
			"/stacks/quickcreate",
		},
		"GovCloud": {
			launch(in(generate.GovCloud), upload), "us-gov-west-1.console.amazonaws-us-gov.com",
			"us-gov-west-1", "/stacks/create",
		},
		"too long for a browser": {
			launch(func(l *aws.Launch) { l.Need.Locations = long(8) }),
			"eu-west-1.console.aws.amazon.com", "eu-west-1", "/stacks/create",
		},
	} {
		got, err := tt.launch.URL()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		u, err := url.Parse(got)
		if err != nil || u.Scheme != "https" || u.Host != tt.host || u.Path != "/cloudformation/home" ||
			u.RawQuery != "region="+tt.region {
			t.Errorf("%s: got %s, %v", name, got, err)
		}
		if page, _, _ := strings.Cut(u.Fragment, "?"); page != tt.page {
			t.Errorf("%s: the page is %s, want %s", name, page, tt.page)
		}
	}
}

func long(n int) (out []generate.Location) {
	for i := range n {
		out = append(out,
			generate.Location{Bucket: fmt.Sprintf("bucket-%d", i), Prefix: strings.Repeat("é", 480) + "/"})
	}
	return out
}

// The template's parameters survive escaping, and follow the "#", so they
// aren't sent to a server.
func TestLaunchURLIsEscaped(t *testing.T) {
	t.Parallel()
	prefix := `a&b=c #d%2e+e/"f'<g>/日本/`
	text, err := launch(func(l *aws.Launch) {
		l.Need.Locations = append(l.Need.Locations, generate.Location{Bucket: "other-data", Prefix: prefix})
		l.Trust.ExternalIDs, l.Trust.Vending, l.RoleName = []string{first, second}, true, "acme+1=@x"
		l.Need.KMSKeyARNs = []string{"arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012"}
	}).URL()
	if err != nil {
		t.Fatal(err)
	}
	server, fragment, _ := strings.Cut(text, "#")
	if strings.Contains(server, first) || strings.Count(text, "#") != 1 {
		t.Errorf("got %s", text)
	}
	_, query, _ := strings.Cut(fragment, "?")
	got, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"templateURL":        {published},
		"stackName":          {"acme-1-x"},
		"param_RoleName":     {"acme+1=@x"},
		"param_PrincipalArn": {windlass},
		"param_ExternalIds":  {first + "," + second},
		"param_Access":       {"read"},
		"param_Vending":      {"true"},
		"param_Bucket1":      {"acme-data"},
		"param_Prefix1":      {"reports/"},
		"param_Bucket2":      {"other-data"},
		"param_Prefix2":      {prefix},
		"param_KmsKeyArns":   {"arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012"},
		"param_KmsServices":  {"s3.eu-west-1.amazonaws.com"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTemplateURLs(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{
		published: true,
		"https://s3.amazonaws.com/templates/role.yaml":                      true,
		"https://s3.eu-west-1.amazonaws.com/templates/role.yaml":            true,
		"https://b.s3-eu-west-1.amazonaws.com/role.yaml":                    true,
		"https://b.s3.cn-north-1.amazonaws.com.cn/role.yaml":                true,
		"https://my.bucket.s3.dualstack.eu-west-1.amazonaws.com/r":          true,
		published + "?versionId=abc":                                        true,
		"http://b.s3.eu-west-1.amazonaws.com/role.yaml":                     false,
		"https://windlass.example.com/role.yaml":                            false,
		"https://s3.amazonaws.com.example.com/role.yaml":                    false,
		"https://example.com/s3.amazonaws.com":                              false,
		"https://notamazonaws.com/s3":                                       false,
		"https://evils3.notamazonaws.com/x":                                 false,
		"https://user:secret@b.s3.eu-west-1.amazonaws.com/role.yaml":        false,
		"https://b.s3.eu-west-1.amazonaws.com/":                             false,
		"https://b.s3.eu-west-1.amazonaws.com/x#y":                          false,
		"https://b.s3.eu-west-1.amazonaws.com/" + strings.Repeat("x", 1024): false,
	} {
		if err := aws.CheckTemplateURL(address); (err == nil) != good {
			t.Errorf("%s: got %v", address, err)
		}
	}
	_, err := launch(func(l *aws.Launch) { l.TemplateURL = "https://windlass.example.com/role.yaml" }).URL()
	var input *generate.InputError
	if !errors.As(err, &input) || input.Field != "template_url" {
		t.Errorf("got %v", err)
	}
}

// The published template with the link's parameters creates the role that the
// printed documents describe, statement by statement.
func TestLaunchTemplateMeansTheSame(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]aws.Launch{
		"read":         launch(),
		"whole bucket": launch(func(l *aws.Launch) { l.Need.Locations[0].Prefix = "" }),
		"everything": launch(in(generate.China), func(l *aws.Launch) {
			l.Need.Access, l.Trust.Vending, l.Trust.ExternalIDs = generate.ReadWrite, true, []string{first, second}
			l.Need.KMSKeyARNs = []string{"arn:aws-cn:kms:cn-north-1:111122223333:key" +
				"/12345678-1234-1234-1234-123456789012"}
			l.TemplateURL = "https://b.s3.cn-north-1.amazonaws.com.cn/r"
			for n := range 7 {
				l.Need.Locations = append(l.Need.Locations, generate.Location{
					Bucket: fmt.Sprintf("more-%d", n/2),
					Prefix: fmt.Sprintf("%d é/", n),
				})
			}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			link, err := l.URL()
			if err != nil {
				t.Fatal(err)
			}
			role := resolve(t, link, string(or(l.Need.Partition, generate.AWS)))
			trust, err := generate.TrustPolicy(l.Trust)
			if err != nil {
				t.Fatal(err)
			}
			permission, err := generate.PermissionPolicy(l.Need)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(flat(value(t, trust)), flat(role["AssumeRolePolicyDocument"])); diff != "" {
				t.Errorf("trust policy (-want +got)\n%s", diff)
			}
			policies := role["Policies"].([]any)[0].(map[string]any)
			if diff := cmp.Diff(flat(value(t, permission)), flat(policies["PolicyDocument"])); diff != "" {
				t.Errorf("permission policy (-want +got)\n%s", diff)
			}
		})
	}
}

func or(p, q generate.Partition) generate.Partition {
	if p == "" {
		return q
	}
	return p
}

// flat returns one line for each action, resource and value of s3:prefix,
// because the grouping of statements doesn't matter.
func flat(document any) []string {
	var out []string
	for _, s := range document.(map[string]any)["Statement"].([]any) {
		statement := s.(map[string]any)
		conditions := []any{statement["Condition"]}
		if c, ok := statement["Condition"].(map[string]any); ok && c["StringLike"] != nil {
			conditions = nil
			for key, values := range c["StringLike"].(map[string]any) {
				for _, v := range list(values) {
					conditions = append(conditions, map[string]any{"StringLike": map[string]any{key: v}})
				}
			}
		}
		for _, action := range list(statement["Action"]) {
			for _, resource := range list(statement["Resource"]) {
				for _, condition := range conditions {
					out = append(
						out,
						fmt.Sprint(statement["Effect"], " ", statement["Principal"], " ", action, " ", resource, " ",
							condition),
					)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

func list(value any) []any {
	if values, ok := value.([]any); ok {
		return values
	}
	return []any{value}
}

// resolve returns the role's properties as CloudFormation would create them
// from the template and a link's parameters.
func resolve(t *testing.T, link, partition string) map[string]any {
	t.Helper()
	_, query, _ := strings.Cut(link, "quickcreate?")
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Parameters map[string]struct {
			Type    string `yaml:"Type"`
			Default string `yaml:"Default"`
		} `yaml:"Parameters"`
		Conditions map[string]yaml.Node `yaml:"Conditions"`
		Resources  map[string]struct {
			Properties yaml.Node `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal([]byte(launchTemplate(t)), &template); err != nil {
		t.Fatal(err)
	}
	s := &stack{
		t: t, conditions: template.Conditions,
		parameters: map[string]any{"AWS::Partition": partition, "AWS::NoValue": noValue{}},
	}
	for name, p := range template.Parameters {
		text := p.Default
		if values.Has("param_" + name) {
			text = values.Get("param_" + name)
			values.Del("param_" + name)
		}
		s.parameters[name] = text
		if p.Type == "CommaDelimitedList" {
			items := []any{}
			for item := range strings.SplitSeq(text, ",") {
				items = append(items, item)
			}
			s.parameters[name] = items
			if len(items) == 1 {
				s.parameters[name] = items[0] // a list of one item is equal to the item
			}
		}
	}
	for left := range values {
		if strings.HasPrefix(left, "param_") {
			t.Errorf("the template has no parameter %s", left)
		}
	}
	properties := template.Resources["Role"].Properties
	return s.value(&properties).(map[string]any)
}

// stack evaluates the intrinsic functions that the template uses.
type stack struct {
	t          *testing.T
	parameters map[string]any
	conditions map[string]yaml.Node
}

type noValue struct{}

func (s *stack) value(n *yaml.Node) any {
	s.t.Helper()
	if name, ok := strings.CutPrefix(n.Tag, "!"); ok && !strings.HasPrefix(n.Tag, "!!") {
		return s.call(name, n)
	}
	switch n.Kind {
	case yaml.MappingNode:
		if len(n.Content) == 2 && n.Content[0].Value == "Fn::If" {
			return s.call("If", n.Content[1])
		}
		out := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			if v := s.value(n.Content[i+1]); v != (noValue{}) {
				out[n.Content[i].Value] = v
			}
		}
		return out
	case yaml.SequenceNode:
		out := []any{}
		for _, item := range n.Content {
			if v := s.value(item); !isNoValue(v) {
				out = append(out, v)
			}
		}
		return out
	case yaml.ScalarNode, yaml.DocumentNode, yaml.AliasNode:
	}
	return n.Value
}

func isNoValue(v any) bool { _, ok := v.(noValue); return ok }

func (s *stack) call(name string, n *yaml.Node) any {
	s.t.Helper()
	argument := func(i int) any { return s.value(n.Content[i]) }
	switch name {
	case "Ref":
		v, ok := s.parameters[n.Value]
		if !ok {
			s.t.Fatalf("nothing is named %s", n.Value)
		}
		return v
	case "Sub":
		text := n.Value
		for key, v := range s.parameters {
			if v, ok := v.(string); ok {
				text = strings.ReplaceAll(text, "${"+key+"}", v)
			}
		}
		return text
	case "Condition":
		node := s.conditions[n.Value]
		return s.value(&node)
	case "If":
		node := s.conditions[n.Content[0].Value]
		if s.value(&node) == true {
			return argument(1)
		}
		return argument(2)
	case "Equals":
		return argument(0) == argument(1)
	case "Not":
		return argument(0) == false
	case "And":
		return argument(0) == true && argument(1) == true
	case "Join":
		out := ""
		for _, v := range list(argument(1)) {
			out += v.(string)
		}
		return out
	}
	s.t.Fatalf("the function %s is not known here", name)
	return nil
}

func TestLaunchTemplateIsStable(t *testing.T) {
	t.Parallel()
	golden(t, "launch-template", launchTemplate(t))
}

func launchTemplate(t *testing.T) string {
	t.Helper()
	text, err := aws.LaunchTemplate()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// CloudFormation rejects invalid bucket names for every location.
func TestLaunchTemplateChecksEveryBucket(t *testing.T) {
	t.Parallel()
	var template struct {
		Parameters map[string]struct {
			AllowedPattern string `yaml:"AllowedPattern"`
		} `yaml:"Parameters"`
	}
	if err := yaml.Unmarshal([]byte(launchTemplate(t)), &template); err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= aws.MaxLaunchLocations; n++ {
		name := fmt.Sprintf("Bucket%d", n)
		allowed, err := regexp.Compile(template.Parameters[name].AllowedPattern)
		if err != nil {
			t.Fatal(err)
		}
		for bucket, want := range map[string]bool{
			"acme-data": true, "": n > 1, "*": false, "x/acme-data": false, "${AWS::AccountId}": false,
			"evil*acme": false,
		} {
			if got := allowed.MatchString(bucket); got != want {
				t.Errorf("%s takes %q: %t, want %t", name, bucket, got, want)
			}
		}
	}
}
