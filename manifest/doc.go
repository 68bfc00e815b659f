// Package manifest reads and writes files that hold integrations, in YAML and
// in JSON.
//
// A file is a list of integrations in the shape of the API, or an object with
// the field integrations that holds the list:
//
//	# integrations.yaml
//	- name: openai
//	  type: openai
//	  configuration:
//	    api_key: ${OPENAI_API_KEY}
//	  apis:
//	    - api: gpt-4o
//	      description: GPT-4o for chats
//
// # Variables
//
// Secrets stay out of the file. In the texts of a configuration, ${NAME} stands
// for the value of an environment variable. A value is filled in after the file
// is decoded, so the value cannot change the structure of the file. A variable
// that is not set is a mistake, see [KeepMissing]. A ${NAME} outside a
// configuration, such as in a name, is a mistake.
//
// In every text $$ stands for $, and so $${ stands for ${. Any other $ stays as
// it is.
//
// # Mistakes
//
// [Read] reports every mistake at once, with the line, the integration and the
// field, and without any value: see [Error]. A field that the API does not have
// is a mistake, and so is a key that stands twice.
//
// Read does not validate the integrations. [integrations.Validate] does, and
// [WithLines] gives its problems a line too.
//
// # YAML and JSON
//
// An empty file is an empty list. In YAML:
//
//   - Each value of a configuration is the text that the file has: 8080, on and
//     2023-06-01 need no quotes.
//   - Only null, ~ and an empty value are null.
//   - Anchors, aliases and merge keys work. Tags such as !secret do not.
//   - The lists of several documents make one list.
//
// JSON keeps the kinds of values, and every digit of a number.
package manifest
