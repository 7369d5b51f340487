package policies

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// leastPage generates the least policy for a need. The need is in the page's
// address, so that it can be bookmarked and shared.
type leastPage struct {
	page.Frame
	Form  leastForm
	Least *leastView // nil until there is a location
}

// leastForm has the input.
type leastForm struct {
	Locations string // addresses, one per line
	Access    string // "read", "write" or "readwrite"
	Versions  bool   // old versions as well
	As        string // one of the leastKinds
	Principal string // of a bucket policy: who gets access
	Format    string // of a permission policy
}

// The kinds of policy that a least policy is written as.
const (
	asPermission = "permission"
	asSession    = "session"
	asBucket     = "bucket"
)

// leastView is the generated policy.
type leastView struct {
	Code     page.Code
	Kind     iam.Kind
	Document string // the policy itself, for the checker
	Size     string
	Question question
}

// maxLocations limits how many locations are read.
const maxLocations = 100

func (h *Handlers) policiesLeast(w http.ResponseWriter, v *shell.Visit) error {
	q := v.URL.Query()
	form := leastForm{
		Locations: q.Get("locations"), Access: q.Get("access"), Versions: q.Get("versions") != "", As: q.Get("as"),
		Principal: strings.TrimSpace(q.Get("principal")), Format: q.Get("format"),
	}
	if !q.Has("locations") {
		form.Locations = "s3://acme-data/reports/"
	}
	p := &leastPage{Frame: h.Frame(v, "The least policy", "/policies"), Form: form.filled()}
	status := http.StatusOK
	var err error
	if p.Least, err = p.Form.write(); err != nil {
		if !shell.Rejected(err) {
			return err
		}
		p.Problem, status = page.ProblemOf(err), http.StatusUnprocessableEntity
	}
	h.Show(w, v.Request, status, "policies/least", p)
	return nil
}

// filled returns the form with defaults for empty fields.
func (f leastForm) filled() leastForm {
	if f.Access == "" {
		f.Access = string(generate.Read)
	}
	if f.As == "" {
		f.As = asPermission
	}
	if f.Format == "" || f.As != asPermission {
		f.Format = string(aws.JSON)
	}
	return f
}

// need returns what the policy must allow.
func (f leastForm) need() (generate.Need, error) {
	need := generate.Need{Access: generate.Access(f.Access), Versions: f.Versions && f.Access != string(generate.Write)}
	for _, address := range page.Lines(f.Locations) {
		location, err := object.ParseLocation(address)
		if err != nil {
			return need, err
		}
		if need.Locations = append(need.Locations,
			generate.Location{Bucket: location.Bucket, Prefix: location.Prefix}); len(need.Locations) > maxLocations {
			return need, problem.New(problem.TooLarge, "Enter at most %d locations.", maxLocations)
		}
	}
	return need, nil
}

// write generates the policy. It returns nil if there is no location yet.
func (f leastForm) write() (*leastView, error) {
	need, err := f.need()
	if err != nil || len(need.Locations) == 0 {
		return nil, err
	}
	view := &leastView{Question: f.question(need)}
	switch f.As {
	case asSession:
		view.Kind = iam.Session
		view.Document, err = generate.SessionPolicy(need)
		view.Size = fmt.Sprintf("%s of %s characters", page.Count(len(view.Document)), page.Count(generate.MaxSessionPolicy))
	case asBucket:
		if f.Principal == "" {
			return nil, problem.New(problem.Invalid, "A bucket policy needs a principal.").
				WithHint("Enter the ARN of a user or role.")
		}
		var text []byte
		view.Kind = iam.Resource
		text, err = generate.BucketPolicy(need.Locations[0].Bucket, f.Principal, need)
		view.Document = string(text)
	case asPermission:
		var text []byte
		text, err = generate.PermissionPolicy(need)
		view.Document = string(text)
	default:
		return nil, problem.New(problem.Invalid, "Unknown kind of policy.").
			WithHint("Use permission, session or bucket.")
	}
	if err != nil {
		return nil, refusedNeed(err)
	}
	return view, view.render(f.Format)
}

// render writes the document in a format.
func (l *leastView) render(format string) error {
	l.Code = page.Code{ID: "least-policy", Label: "Policy", Language: "json", Text: l.Document}
	if format == string(aws.JSON) {
		return nil
	}
	for _, f := range view.SetupFormats {
		if string(f.Format) != format || f.Format == aws.Console {
			continue
		}
		text, err := aws.Render(f.Format, aws.Documents{RoleName: "least-access", Permission: []byte(l.Document)})
		if err != nil {
			return refusedNeed(err)
		}
		l.Code = page.Code{ID: "least-policy", Label: f.Name, Language: f.Language, Text: text}
		return nil
	}
	return problem.New(problem.Invalid, "Unknown format.").
		WithHint("Use json, terraform, cloudformation or cli.")
}

// question returns an example question that the policy allows.
func (f leastForm) question(need generate.Need) question {
	first := need.Locations[0]
	q := question{
		Principal: "arn:aws:sts::111122223333:assumed-role/least-access/try", Action: "s3:GetObject",
		Resource: "arn:aws:s3:::" + first.Bucket + "/" + first.Prefix + "example.csv",
	}
	if f.Access == string(generate.Write) {
		q.Action = "s3:PutObject"
	}
	if f.As == asBucket {
		q.Principal = f.Principal
	}
	return q
}

// refusedNeed converts the error for an invalid need.
func refusedNeed(err error) error {
	var input *generate.InputError
	var size *generate.SizeError
	switch {
	case errors.As(err, &input):
		return problem.Wrap(err, problem.Invalid, "%s can’t be used in a policy: %s", capital(input.Field),
			input.Reason)
	case errors.As(err, &size):
		return problem.Wrap(err, problem.TooLarge, "%s", capital(size.Error()))
	}
	return err
}

// capital begins a sentence.
func capital(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
