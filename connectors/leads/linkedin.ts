import { z } from 'zod';
import type { FetchPort } from '../../activities/ports-fetch';
import { callHttp, parseAnswer } from '../http';
import type { FetcherOptions } from './meta';
import { namedIn } from './named';

const system = 'linkedin';
/** Monthly version of the marketing APIs; each is supported for a year. */
const version = '202605';
const fields = 'id,submittedAt,testLead,formResponse,form:(hiddenFields,id,content)';

const Event = z.looseObject({
  leadGenFormResponse: z.string().regex(/^urn:li:leadGenFormResponse:[\w-]+$/),
});

const Localized = z.looseObject({ localized: z.record(z.string(), z.string()) });
const Question = z.looseObject({
  questionId: z.number(),
  name: z.string().optional(),
  predefinedField: z.string().optional(),
  questionDetails: z
    .looseObject({
      multipleChoiceQuestionDetails: z
        .looseObject({ options: z.array(z.looseObject({ id: z.number(), text: Localized.optional() })) })
        .optional(),
    })
    .optional(),
});
type Question = z.output<typeof Question>;
const Answer = z.looseObject({
  questionId: z.number(),
  answerDetails: z.looseObject({
    textQuestionAnswer: z.looseObject({ answer: z.string() }).optional(),
    multipleChoiceAnswer: z.looseObject({ options: z.array(z.number()) }).optional(),
  }),
});
type Answer = z.output<typeof Answer>;
const Response = z.looseObject({
  testLead: z.boolean().default(false),
  formResponse: z.looseObject({ answers: z.array(Answer) }),
  form: z.looseObject({
    hiddenFields: z.array(z.looseObject({ name: z.string(), value: z.string() })).default([]),
    content: z.looseObject({ questions: z.array(Question) }),
  }),
});

/**
 * LinkedIn Lead Sync: the response by the URN that a notification named, with the form it belongs to, as answers know their
 * questions by number only (`r_marketing_leadgen_automation`). What is kept has `answers` by question: LinkedIn's word for
 * the standard ones (`FIRST_NAME`), the form's name for the others and for hidden fields.
 * @see https://learn.microsoft.com/en-us/linkedin/marketing/lead-sync/leadsync
 */
export function createLinkedinFetcher({ url, clock, outbound }: FetcherOptions): FetchPort {
  return {
    fetch: async ({ data, accessToken }, signal) => {
      const event = namedIn(system, Event, data);
      const id = event.leadGenFormResponse.split(':').at(-1) ?? '';
      const { text } = await callHttp({
        system,
        method: 'GET',
        url: new URL(
          `${url.replace(/\/+$/, '')}/rest/leadFormResponses/${encodeURIComponent(id)}?fields=${fields}`,
        ),
        headers: {
          authorization: `Bearer ${accessToken}`,
          'linkedin-version': version,
          'x-restli-protocol-version': '2.0.0',
        },
        signal,
        nowMs: clock.now(),
        outbound,
      });
      const { testLead, formResponse, form } = parseAnswer(system, Response, text);
      const questions = new Map(form.content.questions.map((one) => [one.questionId, one]));
      const hidden = form.hiddenFields.map(({ name, value }) => [name, value] as const);
      const given = formResponse.answers.map(
        (answer) =>
          [
            labelOf(answer, questions.get(answer.questionId)),
            valueOf(answer, questions.get(answer.questionId)),
          ] as const,
      );
      return {
        data: { ...event, answers: Object.fromEntries([...hidden, ...given]) },
        nature: testLead ? 'test' : 'lead',
      };
    },
  };
}

const labelOf = ({ questionId }: Answer, question: Question | undefined): string =>
  question?.predefinedField ?? question?.name ?? String(questionId);

function valueOf({ answerDetails }: Answer, question: Question | undefined): string {
  const { textQuestionAnswer: text, multipleChoiceAnswer: chosen } = answerDetails;
  if (text) return text.answer;
  const options = question?.questionDetails?.multipleChoiceQuestionDetails?.options ?? [];
  const wordOf = (id: number): string =>
    Object.values(options.find((option) => option.id === id)?.text?.localized ?? {})[0] ?? String(id);
  return (chosen?.options ?? []).map(wordOf).join(', ');
}
