package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// prefix begins the variables that say where another variable's value lies, e.g. BERTH_SECRET_TOKEN=ssm:/shop/token or
// BERTH_SECRET_KEY=secretsmanager:shop/api#key.
const prefix = "BERTH_SECRET_"

// batch is how many parameters one call of GetParameters takes.
const batch = 10

// resolve returns the environment with each secret's value in place of where it lies.
func resolve(ctx context.Context, environment []string) ([]string, error) {
	var found []string
	parameters, secrets := map[string][]string{}, map[string][]string{}
	for _, entry := range environment {
		name, place, _ := strings.Cut(entry, "=")
		variable, isSecret := strings.CutPrefix(name, prefix)
		if !isSecret {
			found = append(found, entry)
			continue
		}
		service, key, _ := strings.Cut(place, ":")
		switch service {
		case "ssm":
			parameters[key] = append(parameters[key], variable)
		case "secretsmanager":
			secrets[key] = append(secrets[key], variable)
		default:
			return nil, fmt.Errorf("%s is neither ssm:NAME nor secretsmanager:NAME", name)
		}
	}
	if len(parameters)+len(secrets) == 0 {
		return found, nil
	}
	aws, err := newClient()
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(parameters))
	for name := range parameters {
		names = append(names, name)
	}
	for ; len(names) > 0; names = names[min(batch, len(names)):] {
		values, err := aws.parameters(ctx, names[:min(batch, len(names))])
		if err != nil {
			return nil, err
		}
		for name, value := range values {
			for _, variable := range parameters[name] {
				found = append(found, variable+"="+value)
			}
		}
	}
	for place, variables := range secrets {
		value, err := aws.secret(ctx, place)
		if err != nil {
			return nil, err
		}
		for _, variable := range variables {
			found = append(found, variable+"="+value)
		}
	}
	return found, nil
}

func (c *client) parameters(ctx context.Context, names []string) (map[string]string, error) {
	var answer struct {
		Parameters        []struct{ Name, Value string }
		InvalidParameters []string
	}
	body := map[string]any{"Names": names, "WithDecryption": true}
	if err := c.call(ctx, "ssm", "SSM", "AmazonSSM.GetParameters", body, &answer); err != nil {
		return nil, err
	}
	if len(answer.InvalidParameters) > 0 {
		return nil, fmt.Errorf("there is no parameter %s", strings.Join(answer.InvalidParameters, ", "))
	}
	found := map[string]string{}
	for _, one := range answer.Parameters {
		found[one.Name] = one.Value
	}
	return found, nil
}

// secret returns a secret as a whole, or after # one key of the JSON that it holds.
func (c *client) secret(ctx context.Context, place string) (string, error) {
	id, field, hasField := strings.Cut(place, "#")
	var answer struct{ SecretString *string }
	body := map[string]any{"SecretId": id}
	if err := c.call(ctx, "secretsmanager", "SECRETS_MANAGER", "secretsmanager.GetSecretValue", body, &answer); err != nil {
		return "", err
	}
	if answer.SecretString == nil {
		return "", fmt.Errorf("the secret %s is of bytes, and an environment variable holds text", id)
	}
	if !hasField {
		return *answer.SecretString, nil
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(*answer.SecretString), &fields); err != nil {
		return "", fmt.Errorf("the secret %s is no JSON object, so it has no %s", id, field)
	}
	switch value := fields[field].(type) {
	case string:
		return value, nil
	case nil:
		return "", fmt.Errorf("the secret %s has no %s", id, field)
	default:
		text, err := json.Marshal(value)
		return string(text), err
	}
}
