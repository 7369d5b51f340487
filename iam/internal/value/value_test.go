package value_test

import (
	"cmp"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/iam/internal/value"
)

func TestDecimals(t *testing.T) {
	t.Parallel()
	// In ascending order; values on one line are equal.
	lines := [][]string{
		{"-1e300"},
		{"-10", "-10.0", "-1e1"},
		{"-9.5"},
		{"-0.001", "-1e-3"},
		{"0", "-0", "+0", "0.0", ".0", "0e9", "000"},
		{"1e-300"},
		{"0.1", ".1", "0.10", "1e-1", "+.1"},
		{"1", "1.", "01", "1.000", "10e-1"},
		{"9"},
		{"10", "1e1", "1E+1", "0010.00"},
		{"999999999999999999"},
		{"1000000000000000000"},
		{"12345678901234567890123"},
		{"12345678901234567890124"},
	}
	for i, line := range lines {
		for j, other := range lines {
			for _, x := range line {
				for _, y := range other {
					a, okA := value.ParseDecimal(x)
					b, okB := value.ParseDecimal(y)
					if got, want := a.Compare(b), cmp.Compare(i, j); !okA || !okB || got != want {
						t.Errorf("%s against %s: %d (read: %t, %t), want %d", x, y, got, okA, okB, want)
					}
				}
			}
		}
	}
	for _, text := range []string{
		"", "+", "-", ".", "e1", "1e", "1e+", "1e401", "1.2.3", "0x10", "Inf", "NaN", " 1",
		"1 ", "1_000", "--1", "१", strings.Repeat("1", 401),
	} {
		if _, ok := value.ParseDecimal(text); ok {
			t.Errorf("%q is taken for a number", text)
		}
	}
}

func FuzzDecimal(f *testing.F) {
	f.Add("10", "9.5")
	f.Add("-1e3", "-1000.0")
	f.Add("0.0001", "1e-4")
	f.Fuzz(func(t *testing.T, x, y string) {
		a, okA := value.ParseDecimal(x)
		b, okB := value.ParseDecimal(y)
		if !okA || !okB {
			return
		}
		if got, want := a.Compare(b), rational(t, x).Cmp(rational(t, y)); got != want {
			t.Errorf("%s against %s: %d, want %d", x, y, got, want)
		}
	})
}

func rational(t *testing.T, text string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is taken for a number", text)
	}
	return r
}

func TestInstants(t *testing.T) {
	t.Parallel()
	lines := [][]string{
		{"-1"},
		{"-0.5"},
		{"0", "1970-01-01T00:00:00Z", "1970", "1970-01", "1970-01-01", "1970-01-01T01:00+01:00"},
		{"0.5", "1970-01-01T00:00:00.5Z", "1970-01-01T00:00:00.500000000Z"},
		{
			"2024-02-29", "2024-02-29T00:00Z", "1709164800", "20240229T000000Z", "2024-02-28T19:00:00-05:00",
			"2024-02-29T00:00:00",
		},
		{"2024-05-01T12:30:00Z", "2024-05-01T14:30:00+0200", "20240501T1230Z"},
		{"9999-12-31T23:59:59Z"},
	}
	for i, line := range lines {
		for j, other := range lines {
			for _, x := range line {
				for _, y := range other {
					a, okA := value.ParseInstant(x)
					b, okB := value.ParseInstant(y)
					if got, want := a.Compare(b), cmp.Compare(i, j); !okA || !okB || got != want {
						t.Errorf("%s against %s: %d (read: %t, %t), want %d", x, y, got, okA, okB, want)
					}
				}
			}
		}
	}
	for _, text := range []string{
		"", "T", "2024-", "2024-13", "2024-00-01", "2023-02-29", "2024-02-30", "1900-02-29",
		"2024-05-01T", "2024-05-01T24:00Z", "2024-05-01T12:60Z", "2024-05-01T12:30:60Z", "2024-05-01T12:30:00.Z",
		"2024-05-01T12:30:00+25:00", "2024-05-01 12:30:00Z", "2024-05T10:00Z", "2024-05-01T12:30:00Zx", "tomorrow",
		"1.2.3", "1234567890123456", "-", "24-05-01",
	} {
		if _, ok := value.ParseInstant(text); ok {
			t.Errorf("%q is taken for a date", text)
		}
	}
}

func FuzzInstant(f *testing.F) {
	f.Add("2024-05-01T12:30:00.25+02:00")
	f.Add("1970-01-01T00:00:00Z")
	f.Add("2024-02-29T23:59:59.999999999-11:30")
	f.Fuzz(func(t *testing.T, text string) {
		want, err := time.Parse(time.RFC3339Nano, text)
		got, ok := value.ParseInstant(text)
		if err != nil || want.Year() < 1970 || want.Year() > 2200 || len(text) > 40 || !isStrict(text) {
			return // time.Parse also accepts hours of one digit, a comma and zones of 60 minutes, which aren't ISO 8601
		}
		if epoch, epochOK := value.ParseInstant(big.NewRat(want.UnixNano(), 1e9).FloatString(9)); !ok || !epochOK ||
			got.Compare(epoch) != 0 {
			t.Errorf("%s: %t, not %v", text, ok, want)
		}
	})
}

func isStrict(text string) bool {
	zone := text[len(text)-6:]
	return text[13] == ':' && !strings.Contains(text, ",") &&
		(text[len(text)-1] == 'Z' || zone[1:3] < "24" && zone[4:6] < "60")
}

func TestNetworks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		network, address string
		want             bool
	}{
		{"10.0.0.0/8", "10.255.255.255", true},
		{"10.0.0.0/8", "11.0.0.0", false},
		{"10.1.2.3/8", "10.0.0.1", true},
		{"0.0.0.0/0", "255.255.255.255", true},
		{"192.0.2.1/32", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"0.0.0.0/0", "::1", false},
		{"::/0", "192.0.2.1", false},
		{"::/0", "::1", true},
		{"2001:db8::/33", "2001:db8:8000::", false},
		{"::ffff:192.0.2.0/120", "192.0.2.9", true},
		{"192.0.2.0/24", "::ffff:192.0.2.9", true},
		{"::ffff:192.0.2.1", "192.0.2.1", true},
	}
	for _, test := range tests {
		n, okN := value.ParseNetwork(test.network)
		a, okA := value.ParseAddress(test.address)
		if got := n.Contains(a); !okN || !okA || got != test.want {
			t.Errorf("%s in %s: %t (read: %t, %t), want %t", test.address, test.network, got, okN, okA, test.want)
		}
	}
	for _, text := range []string{
		"", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1", "::/129", "fe80::1%eth0",
		"fe80::%eth0/64", "x",
	} {
		if _, ok := value.ParseNetwork(text); ok {
			t.Errorf("%q is taken for a network", text)
		}
	}
	for _, text := range []string{
		"", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3", "256.1.1.1", "01.2.3.4",
		"1.2.3.4/32", "1.2.3.4:80", ":", "fe80::1%eth0", "1.2.3.٤",
	} {
		if _, ok := value.ParseAddress(text); ok {
			t.Errorf("%q is taken for an address", text)
		}
	}
}

func TestBase64AndBooleans(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"QQ==": "QQ", "QQ": "QQ", "QUI=": "QUI", "QUJD": "QUJD", "": ""} {
		if got, ok := value.TrimBase64(text); !ok || got != want {
			t.Errorf("%q: %q %t, want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{"Q", "QQ=", "QQ===", "QR==", "Q-==", "QUJD\n", "====", "?"} {
		if got, ok := value.TrimBase64(text); ok {
			t.Errorf("%q is taken for %q", text, got)
		}
	}
	for text, want := range map[string]bool{"true": true, "TRUE": true, "false": false, "False": false} {
		if got, ok := value.ParseBool(text); !ok || got != want {
			t.Errorf("%q: %t %t, want %t", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "1", "yes", " true"} {
		if _, ok := value.ParseBool(text); ok {
			t.Errorf("%q is taken for a boolean", text)
		}
	}
}
