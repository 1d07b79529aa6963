import { json } from '../fake-server';
import { bearerOf, startFakeVendor, type FakeVendor, type FakeVendorOptions } from '../crm/fake-vendor';

/** An answered form: standard questions by LinkedIn's word, one of the form's own, a choice, a hidden field. */
export interface FakeResponse {
  readonly standard: Readonly<Record<string, string>>;
  readonly own?: readonly [name: string, answer: string];
  readonly choice?: readonly [name: string, option: string];
  readonly hidden?: readonly [name: string, value: string];
  readonly testLead?: boolean;
}

export interface FakeLinkedin extends FakeVendor {
  /** By the id in the URN; what is not here is gone. */
  readonly responses: Map<string, FakeResponse>;
}

/** LinkedIn's `leadFormResponses`, with the form as the field projection of the request asks for it. */
export async function startFakeLinkedin(options: FakeVendorOptions = {}): Promise<FakeLinkedin> {
  const responses: FakeLinkedin['responses'] = new Map();
  const vendor = await startFakeVendor(
    {
      routes: [
        [
          'GET',
          /^\/rest\/leadFormResponses\/([\w-]+)$/,
          ({ params: [id = ''], request }) => {
            const found = responses.get(id);
            if (!/^\d{6}$/.test(request.header('linkedin-version') ?? ''))
              return fault(400, 'VERSION_MISSING', 'A version must be present.');
            if (!found) return fault(404, 'NOT_FOUND', `Response ${id} not found.`);
            return json(200, answerOf(id, found, request.query.get('fields') ?? ''));
          },
        ],
      ],
      token: {
        path: '/oauth/v2/accessToken',
        answer: (token) => ({ access_token: token, expires_in: 5_184_000 }),
      },
      credential: bearerOf,
      unauthorized: fault(401, 'REVOKED_ACCESS_TOKEN', 'The token has been revoked by the user.'),
      busy: fault(429, 'TOO_MANY_REQUESTS', 'Resource level throttle limit reached.'),
    },
    options,
  );
  return { ...vendor, responses };
}

function answerOf(id: string, found: FakeResponse, projection: string): object {
  const text = (entries: readonly (readonly [string, string])[], predefined: boolean) =>
    entries.map(([name, answer]) => ({ name, answer, predefined }));
  const asked = [...text(Object.entries(found.standard), true), ...text(found.own ? [found.own] : [], false)];
  const questions = asked.map(({ name, predefined }, index) => ({
    questionId: index + 1,
    name: predefined ? name.toLowerCase() : name,
    question: { localized: { en_US: name } },
    questionDetails: { textQuestionDetails: { maxResponseLength: 300 } },
    ...(predefined ? { predefinedField: name } : {}),
  }));
  const answers = asked.map(({ answer }, index) => ({
    questionId: index + 1,
    answerDetails: { textQuestionAnswer: { answer } },
  }));
  const choice = found.choice && choiceOf(asked.length + 1, found.choice);
  const form = {
    id: 7_234_246,
    hiddenFields: found.hidden ? [{ name: found.hidden[0], value: found.hidden[1] }] : [],
    content: { questions: [...questions, ...(choice ? [choice.question] : [])] },
  };
  return {
    id,
    submittedAt: 1_764_000_000_000,
    testLead: found.testLead ?? false,
    formResponse: { answers: [...answers, ...(choice ? [choice.answer] : [])], consentResponses: [] },
    ...(projection.includes('form:(') ? { form } : {}),
  };
}

function choiceOf(questionId: number, [name, option]: readonly [string, string]) {
  return {
    question: {
      questionId,
      name,
      question: { localized: { en_US: name } },
      questionDetails: {
        multipleChoiceQuestionDetails: { options: [{ id: 1, text: { localized: { en_US: option } } }] },
      },
    },
    answer: { questionId, answerDetails: { multipleChoiceAnswer: { options: [1] } } },
  };
}

const fault = (status: number, code: string, message: string) =>
  json(status, { status, code, serviceErrorCode: 65_601, message });
