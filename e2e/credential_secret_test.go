package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/client"
)

// accessSecret is looked for wherever something is answered or written.
const accessSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYZZSECRETKEY"

// TestAccessKeysSecretIsNowhere adds access keys to the built service through
// the API, the command and the console. It checks that their secret is in no
// response, no log, and no file of the service's folder.
func TestAccessKeysSecretIsNowhere(t *testing.T) {
	t.Parallel()
	aws, dir := rehearse(t), t.TempDir()
	s := serve(t, dir, aws, aws.accounts["service"])
	var answered bytes.Buffer

	windlass := func(stdin string, args ...string) {
		t.Helper()
		run := exec.CommandContext(t.Context(), binary, args...)
		run.Env = append(os.Environ(), "WINDLASS_URL="+s.url, "WINDLASS_TOKEN="+tokenIn(t, dir),
			"WINDLASS_WORKSPACE=main")
		run.Stdin, run.Stdout, run.Stderr = strings.NewReader(stdin), &answered, &answered
		_ = run.Run() // the output of a failure is checked, too
	}
	key, err := s.AddCredential(t.Context(), client.CredentialSpec{
		Name: "by API", AccessKeyID: "AKIAIOSFODNN7EXAMPL1",
		SecretAccessKey: accessSecret,
	})
	if err != nil {
		t.Fatal(err)
	}
	windlass(accessSecret+"\n", "credential", "add", "--name", "by command", "--access-key-id", "AKIAIOSFODNN7EXAMPL2")
	// the name is taken
	windlass(accessSecret+"\n", "credential", "add", "--json", "--name", "by command", "--access-key-id",
		"AKIAIOSFODNN7EXAMPL2")
	windlass(accessSecret+"\n", "credential", "add", "--access-key-id", "not one")
	for _, args := range []string{
		"credential list", "credential list --json",
		"credential verify by\x00API --location s3://acme-data/daily/", "audit list --json",
	} {
		windlass("", strings.Split(strings.ReplaceAll(strings.ReplaceAll(args, " ", "\n"), "\x00", " "), "\n")...)
	}
	if !strings.Contains(answered.String(), "by command") || !strings.Contains(answered.String(),
		"Use a token that has the scope audit.") {
		t.Fatalf("the commands say too little:\n%s", answered.String())
	}
	for _, address := range []string{"", "/" + key.ID, "/" + key.ID + "/verification"} {
		get(t, &answered, s.url+"/v1/workspaces/main/credentials"+address, tokenIn(t, dir))
	}

	p := newPlain(t, s.url)
	link := regexp.MustCompile(`/sign-in/link/[A-Za-z0-9_-]+`).FindString(s.output.String())
	p.get(link)
	p.post("/sign-in/link", url.Values{"token": {path.Base(link)}})
	form := url.Values{
		"name": {"by console"}, "access_key_id": {"AKIAIOSFODNN7EXAMPL3"},
		"secret_access_key": {accessSecret},
	}
	for _, change := range [][2]string{{"", ""}, {"access_key_id", "not one"}, {"endpoint", "nonsense"}} {
		form.Set(change[0], change[1])
		_, _, page := p.post("/sources/credentials/new", form)
		answered.WriteString(page)
	}
	for _, address := range []string{"/sources/credentials", "/sources/credentials/" + key.ID, "/sources/credentials/" +
		key.ID + "/remove", "/audit", "/audit/export"} {
		status, _, page := p.get(address)
		p.expect(status, page, http.StatusOK)
		answered.WriteString(page)
	}
	if !strings.Contains(answered.String(), "by console") {
		t.Fatal("the console did not add a key")
	}

	s.kill()
	clean(t, "what was answered", answered.Bytes())
	clean(t, "the log", s.output.Bytes())
	err = filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		clean(t, file, text)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// clean fails if a text has the secret, unchanged or in a usual encoding.
func clean(t *testing.T, where string, text []byte) {
	t.Helper()
	for name, spelling := range map[string]string{
		"as it is": accessSecret, "in base 64": base64.StdEncoding.EncodeToString([]byte(accessSecret))[:48],
		"in hexadecimal": hex.EncodeToString([]byte(accessSecret)),
		"escaped":        url.QueryEscape(accessSecret), "as HTML": strings.ReplaceAll(accessSecret, "+", "&#43;"),
		"its end": accessSecret[len(accessSecret)-16:],
	} {
		if bytes.Contains(text, []byte(spelling)) {
			t.Errorf("%s has the secret %s", where, name)
		}
	}
}

func tokenIn(t *testing.T, dir string) string {
	t.Helper()
	token, err := os.ReadFile(filepath.Join(dir, "first-token"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(token))
}

// get stores the response of an address.
func get(t *testing.T, to *bytes.Buffer, address, token string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if _, err := io.Copy(to, response.Body); err != nil {
		t.Fatal(err)
	}
}
