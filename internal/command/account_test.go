package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// keyed is an environment whose only credentials are those of two profiles, beside one that has none and one that asks for a code.
func keyed(t *testing.T) {
	t.Helper()
	strange(t)
	folder := t.TempDir()
	settings, keys := filepath.Join(folder, "config"), filepath.Join(folder, "credentials")
	t.Setenv("AWS_CONFIG_FILE", settings)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", keys)
	for file, text := range map[string]string{
		settings: "[profile kora-live]\nregion = eu-west-1\n[profile bare]\n[sso-session kora-sso]\n[kora-liv]\n" +
			"[profile coded]\nrole_arn = arn:aws:iam::123456789012:role/ops\nsource_profile = kora-live\nmfa_serial = arn:aws:iam::123456789012:mfa/me\n" +
			"[profile rootless]\nrole_arn = arn:aws:iam::123456789012:role/ops\nsource_profile = gone\n",
		keys: "[kora-live]\naws_access_key_id = AKIDLIVE\naws_secret_access_key = secret\n[shop]\naws_access_key_id = AKIDSHOP\naws_secret_access_key = secret\n",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A profile that cannot be used is one line, with what is near; every command that asks an account says so.
func TestProfiles(t *testing.T) {
	const unknown = "AWS profile \"kora-lve\": there is none of that name: there are bare, coded, kora-live, rootless, shop; the nearest is kora-live"
	for line, want := range map[string]string{
		"status --profile kora-lve":                       unknown,
		"diff deployed deployed --profile kora-lve":       "deployed: " + unknown,
		"cost deployed --profile kora-lve":                "deployed: " + unknown,
		"advise single --live --profile kora-lve":         unknown,
		"adopt --profile kora-lve":                        unknown,
		"adopt guard --profile kora-lve":                  unknown,
		"cost refresh --prices p.json --profile kora-lve": unknown,
		"status --profile bare":                           "AWS profile \"bare\": it has no credentials: aws configure --profile bare gives it some",
		"status --profile coded": "AWS configuration: this profile asks for a code, which kora cannot: " +
			`eval "$(aws configure export-credentials --format env --profile <name>)", and then without the profile`,
		"status --profile rootless": `AWS configuration: source_profile "gone" of role arn:aws:iam::123456789012:role/ops has no credentials`,
	} {
		t.Run(line, func(t *testing.T) {
			emptyProject(t)
			keyed(t)
			_, stderr, code := kora(t, strings.Fields(line)...)
			if code != failed || stderr != "kora: "+want+"\n" {
				t.Errorf("exit code %d, stderr %q, want %d and %q", code, stderr, failed, want)
			}
		})
	}
}

// --region wins over cdk.json and -c; what AWS could have as none is a misuse.
func TestRegions(t *testing.T) {
	const without = ": no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
	const allowed = "a region of AWS's public partition such as ap-south-1, none of China, GovCloud, the ISO regions or the European Sovereign Cloud"
	for line, want := range map[string]struct {
		code int
		said string
	}{
		"status --region eu-west-1":                     {failed, "KoraBackend in eu-west-1" + without},
		"status -c region=us-east-1 --region eu-west-1": {failed, "KoraBackend in eu-west-1" + without},
		"diff deployed deployed --region eu-west-1":     {failed, "deployed: KoraBackend in eu-west-1" + without},
		"status --region cn-north-1":                    {misuse, `kora status: --region "cn-north-1" is not allowed: it takes ` + allowed},
		"adopt --region mars":                           {misuse, `kora adopt: --region "mars" is not allowed: it takes ` + allowed},
		"verify --region":                               {misuse, "kora verify: --region has no value: it takes " + allowed},
	} {
		t.Run(line, func(t *testing.T) {
			emptyProject(t)
			strange(t)
			_, stderr, code := kora(t, strings.Fields(line)...)
			if code != want.code || stderr != "kora: "+want.said+"\n" {
				t.Errorf("exit code %d, stderr %q, want %d and %q", code, stderr, want.code, want.said)
			}
		})
	}
}
