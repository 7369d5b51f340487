package shell

import (
	"net/http"
)

const (
	themeCookie = "windlass_theme"
	oneYear     = 365 * 24 * 60 * 60 // seconds
)

// ThemeOf is the theme that was chosen: "light", "dark", or empty for the
// system's.
func ThemeOf(r *http.Request) string {
	cookie, err := r.Cookie(themeCookie)
	if err == nil && (cookie.Value == "light" || cookie.Value == "dark") {
		return cookie.Value
	}
	return ""
}

// setTheme stores the chosen theme and redirects to the page where it was chosen.
func (s *Shell) setTheme(w http.ResponseWriter, r *http.Request) {
	cookie := &http.Cookie{ //nolint:gosec // Secure follows whether there is TLS
		Name: themeCookie, Path: "/", MaxAge: oneYear, HttpOnly: true, Secure: s.config.Secure,
		SameSite: http.SameSiteLaxMode,
	}
	switch theme := r.PostFormValue("theme"); theme {
	case "light", "dark":
		cookie.Value = theme
	default:
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
	back := "/"
	if referrer, err := r.URL.Parse(r.Referer()); err == nil && referrer.Host == r.Host {
		back = LocalPath(referrer.RequestURI())
	}
	http.Redirect(w, r, back, http.StatusSeeOther) //nolint:gosec // back is a local path
}
