package cron_test

import (
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/windlass-io/windlass/internal/cron"
)

func TestCases(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/cron.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			ID, Cron, Error, Field string
			TimeZone               string `json:"time_zone"`
			From                   time.Time
			Next                   []time.Time
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, tc := range file.Cases {
		t.Run(tc.ID, func(t *testing.T) {
			t.Parallel()
			e, err := cron.Parse(tc.Cron, tc.TimeZone)
			if tc.Error != "" {
				refused, ok := errors.AsType[*cron.Error](err)
				if !ok || string(refused.Code) != tc.Error || refused.Field != tc.Field {
					t.Fatalf("%q: %v, want %s %s", tc.Cron, err, tc.Error, tc.Field)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			at := tc.From
			for _, want := range tc.Next {
				if at = e.Next(at); !at.Equal(want) {
					t.Fatalf("%q in %s fires at %v, want %v", tc.Cron, tc.TimeZone, at, want)
				}
			}
		})
	}
}

// More that is refused, and more that is not.
func TestParse(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]cron.Code{
		"* * * *":                      cron.Fields,
		"+5 * * * *":                   cron.Value,
		"-5 * * * *":                   cron.Value,
		"1- * * * *":                   cron.Value,
		"*/ * * * *":                   cron.Step,
		"*/x * * * *":                  cron.Step,
		"5/61 * * * *":                 cron.Step,
		"? * * * *":                    cron.Value,
		"**/5 * * * *":                 cron.Value,
		"99999999999999999999 * * * *": cron.Range,
		"0 0 15W * *":                  cron.Unsupported,
		"0 0 LW * *":                   cron.Unsupported,
		"0 0 * * FRIL":                 cron.Unsupported,
		"0 0 * * 5#3":                  cron.Unsupported,
		"@every 5m":                    cron.Unsupported,
		"@Weekly":                      "",
		" 0\t0 1 * * ":                 "",
		"0 0 * * mon-Fri":              "",
		"0 0 * * SUN-3/2":              "",
		"0 0 29 2 *":                   "",
		"0 0 30 2 0":                   "", // Sundays in February
		"59 23 31 12 *":                "",
		"5/60 * * * *":                 "",
		"0 0 ? * ?":                    "",
		"0,30,0 5-5 1-31/31 * *":       "",
	} {
		_, err := cron.Parse(expression, "")
		refused, ok := errors.AsType[*cron.Error](err)
		if (want == "") != (err == nil) || ok && refused.Code != want {
			t.Errorf("%q: %v, want %q", expression, err, want)
		}
	}
	for _, zone := range []string{"Local", "CET+1", "../etc/passwd", "Europe/Atlantis"} {
		if _, err := cron.Parse("@daily", zone); err == nil {
			t.Errorf("the time zone %q was taken", zone)
		}
	}
}

// zones have changes of 30 minutes, an hour, a day, and none.
var zones = []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata"}

// TestNextIsTheFirst compares with a search minute by minute.
func TestNextIsTheFirst(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		wildcard := rapid.Bool().Draw(t, "wildcard")
		minute := rapid.SampledFrom([]string{"0", "30", "15,45", "0-59/20"}).Draw(t, "minute")
		hour := rapid.SampledFrom([]string{"0", "1-3", "2", "23", "0-23"}).Draw(t, "hour")
		if wildcard {
			hour = rapid.SampledFrom([]string{"*", "*/2", "*/7"}).Draw(t, "hours")
		}
		days := rapid.SampledFrom([]string{"* * *", "*/3 * *", "* * 0", "30,31 * 6", "* 3,10-12 *"}).Draw(t, "days")
		name := rapid.SampledFrom(zones).Draw(t, "zone")
		e, err := cron.Parse(minute+" "+hour+" "+days, name)
		if err != nil {
			t.Fatal(err)
		}
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		// Clocks change in 2011 in Apia, and in March, April, October and November.
		from := time.Date(2011, 1, 1, 0, 0, 0, 0, time.UTC).
			Add(time.Duration(rapid.IntRange(0, 365*24*60).Draw(t, "minutes")) *
				time.Minute)
		matches := func(at time.Time) bool {
			at = at.In(zone)
			daily, err := cron.Parse(minute+" "+hour+" "+days, "UTC")
			if err != nil {
				t.Fatal(err)
			}
			local := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), 0, 0, time.UTC)
			return daily.Next(local.Add(-time.Minute)).Equal(local)
		}
		got := e.Next(from)
		if !got.After(from) || got.Second() != 0 {
			t.Fatalf("Next(%v) = %v", from, got)
		}
		for at := from.Add(time.Minute); at.Before(got) &&
			at.Before(from.Add(3*24*time.Hour)); at = at.Add(time.Minute) {
			second := repeated(at, zone)
			if matches(at) && (wildcard || !second) {
				t.Fatalf("Next(%v) = %v, but %v matches", from, got, at.In(zone))
			}
		}
		if wildcard && !matches(got) {
			t.Fatalf("Next(%v) = %v doesn't match", from, got.In(zone))
		}
	})
}

// repeated reports whether a moment's local time also occurred earlier, with
// another offset.
func repeated(at time.Time, zone *time.Location) bool {
	for _, back := range []time.Duration{30 * time.Minute, time.Hour} {
		if at.Add(-back).In(zone).Format(time.DateTime) == at.In(zone).Format(time.DateTime) {
			return true
		}
	}
	return false
}

func FuzzParse(f *testing.F) {
	f.Add("*/5 2,3-9/2 ? JAN-mar MON#2", "Europe/Berlin")
	f.Add("@daily", "UTC")
	f.Fuzz(func(t *testing.T, expression, zone string) {
		e, err := cron.Parse(expression, zone)
		if err != nil {
			if _, ok := errors.AsType[*cron.Error](err); !ok {
				t.Fatalf("%v is no *cron.Error", err)
			}
			return
		}
		from := time.Date(2026, 3, 29, 0, 59, 59, 0, time.UTC)
		if next := e.Next(from); !next.After(from) || next.Second() != 0 {
			t.Errorf("%q fires at %v", expression, next)
		}
	})
}
