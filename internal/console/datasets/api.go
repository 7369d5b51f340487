package datasets

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
)

// apiPage builds a request of the data API.
type apiPage struct {
	datasetFrame
	Request   apiRequest
	Operators []page.Option
	Formats   []page.Option
	URL       string
	Samples   []page.Code
	Response  *responseView
}

// apiRequest has the input of the page's form.
type apiRequest struct {
	Key, Subkey     string
	Last            int
	From, To        string
	Columns         []string // nil: all
	Column          string   // of the condition; empty: none
	Operator, Value string
	Format          delivery.Format
}

// responseView is the answer to the request.
type responseView struct {
	Problem  bool
	Status   string // "200 OK"
	Rows     int
	Took     time.Duration
	Bytes    int64
	Language string
	Text     string
	Cut      bool // there is more of it than is shown
}

// The limits of the request.
const (
	defaultRows = 10
	mostRows    = 100
	mostShown   = 64 << 10 // bytes of the answer
)

var apiFormats = []page.Option{
	{Value: string(delivery.JSON), Name: "JSON"},
	{Value: string(delivery.CSV), Name: "CSV"},
	{Value: string(delivery.NDJSON), Name: "NDJSON"},
}

// api shows the request that its query describes, in four languages, with the
// response.
func (h *Handlers) api(w http.ResponseWriter, v *shell.Visit, f datasetFrame) error {
	request := readAPIRequest(v.URL.Query(), &f.found.Schema)
	p := &apiPage{datasetFrame: f, Request: request, Operators: operatorOptions, Formats: apiFormats}
	if err := p.run(h, v); err != nil {
		return err
	}
	p.URL = p.Request.address(h.BaseURL(), v.WorkspaceName, f.Dataset.Name)
	p.Samples = codeSamples(p.URL, p.Request.Format)
	h.Show(w, v.Request, http.StatusOK, "datasets/api", p)
	return nil
}

func readAPIRequest(q url.Values, schema *dataset.Schema) apiRequest {
	r := apiRequest{
		Key: q.Get("key"), Subkey: q.Get("subkey"), From: page.Day(q.Get("from")), To: page.Day(q.Get("to")),
		Column: q.Get("fc"), Operator: q.Get("fo"), Value: q.Get("fv"), Format: delivery.JSON,
	}
	last, err := strconv.Atoi(q.Get("last"))
	if r.Last = min(max(last, 1), mostRows); err != nil {
		r.Last = defaultRows
	}
	if schema.Index.Key == "" {
		r.Key = ""
	}
	if r.Key == "" || schema.Index.Subkey == "" {
		r.Subkey = ""
	}
	if schema.Index.Date == "" {
		r.From, r.To = "", ""
	}
	if _, _, ok := schema.Column(r.Column); !ok || r.Operator == "" {
		r.Column = ""
	}
	for _, c := range schema.Columns {
		if slices.Contains(q[columnParameter], c.Name) {
			r.Columns = append(r.Columns, c.Name)
		}
	}
	if format := q.Get("format"); format == string(delivery.CSV) || format == string(delivery.NDJSON) {
		r.Format = delivery.Format(format)
	}
	return r
}

// Takes reports whether the form has a column chosen.
func (r *apiRequest) Takes(column string) bool { return slices.Contains(r.Columns, column) }

// parameters returns the address's parameters, in a readable order.
func (r *apiRequest) parameters() [][2]string {
	var list [][2]string
	add := func(name, value string) { list = append(list, [2]string{name, value}) }
	if r.Column != "" {
		add(parameterOf(r.Column), conditionOf(r.Operator, r.Value))
	}
	if r.Columns != nil {
		add("select", selected(r.Columns))
	}
	if r.From != "" {
		add("from", r.From)
	}
	if r.To != "" {
		add("to", r.To)
	}
	add("last", strconv.Itoa(r.Last))
	if r.Format != delivery.JSON {
		add("format", string(r.Format))
	}
	return list
}

// readable unescapes characters that an address may contain.
var readable = strings.NewReplacer("%2C", ",", "%28", "(", "%29", ")", "%2A", "*", "%3A", ":")

// address is the request as apps send it.
func (r *apiRequest) address(base, workspace, name string) string {
	address := base + "/v1/data/" + strings.ToUpper(workspace) + "/" + url.PathEscape(name)
	for _, part := range []string{r.Key, r.Subkey} {
		if part != "" {
			address += "/" + strings.ReplaceAll(url.PathEscape(part), "'", "%27")
		}
	}
	sign := "?"
	for _, p := range r.parameters() {
		address += sign + readable.Replace(url.QueryEscape(p[0])+"="+url.QueryEscape(p[1]))
		sign = "&"
	}
	return address
}

// run sends the request through the same handler as the requests of apps.
func (p *apiPage) run(h *Handlers, v *shell.Visit) error {
	r := &p.Request
	values := url.Values{}
	for _, parameter := range r.parameters() {
		values.Add(parameter[0], parameter[1])
	}
	start := h.Now()
	answer, err := h.Delivery.Read(v.Context(), v.Actor, v.Workspace, delivery.Request{
		Target: delivery.Target{Datasets: p.found.ID, Keys: r.Key, Subkeys: r.Subkey}, Values: values,
	})
	var out bytes.Buffer
	if err == nil {
		err = errors.Join(answer.Write(v.Context(), &out), answer.Close())
	}
	if shell.Rejected(err) {
		p.Response = &responseView{Problem: true, Status: "400 Bad Request", Text: page.ProblemOf(err).Text()}
		return nil
	}
	if err != nil {
		return err
	}
	p.Response = &responseView{Status: "200 OK", Took: h.Now().Sub(start), Bytes: int64(out.Len())}
	p.Response.read(out.Bytes(), r.Format)
	return nil
}

// read counts the response's rows and formats it for people.
func (v *responseView) read(answer []byte, format delivery.Format) {
	text := string(answer)
	switch format {
	case delivery.JSON:
		var rows []json.RawMessage
		if json.Unmarshal(answer, &rows) == nil {
			v.Rows = len(rows)
		}
		v.Language, text = "json", page.IndentJSON(answer)
	case delivery.NDJSON:
		v.Language, v.Rows = "json", bytes.Count(answer, []byte("\n"))
	default:
		v.Rows = max(bytes.Count(answer, []byte("\n"))-1, 0)
	}
	if v.Cut = len(text) > mostShown; v.Cut {
		text = strings.ToValidUTF8(text[:mostShown], "") + "\n…"
	}
	v.Text = text
}

// KeyHint is an example of a key.
func (p *apiPage) KeyHint() string { return cmp.Or(fmt.Sprintf("any %s", p.Dataset.Index.Key), "any") }
