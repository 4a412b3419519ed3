import { type ReactElement, useState } from 'react';
import { useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { shortName } from '../../components/name-badge.tsx';
import { EmptyState, Skeleton } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import { sentence } from '../../format/sentence.ts';
import type { RequiredTag, TagStrategy } from './findings.ts';
import { RequiredTagDialog } from './required-tag-dialog.tsx';

/** The strategy itself: keys that usage ought to have, and their values. */
export function RequiredTags(props: {
  /** Absent: not known yet. */
  readonly strategy: TagStrategy | undefined;
  readonly mayChange: boolean;
}): ReactElement {
  const { strategy, mayChange } = props;
  const [edited, setEdited] = useState<RequiredTag | 'new'>();
  const put = useChange<TagStrategy>(
    'tallyline',
    'PutTagStrategy',
    ['tallyline', 'GetTagStrategy'],
    ['tallyline', 'GetTagFindings'],
  );
  if (!strategy) return <Skeleton lines={4} height={160} />;
  const { RequiredTags: tags } = strategy;

  const save = (next: readonly RequiredTag[], said: string) =>
    put.mutate(
      { RequiredTags: next },
      {
        onSuccess: () => {
          toast(said);
          setEdited(undefined);
        },
      },
    );
  const keep = (tag: RequiredTag) => {
    const others = edited === 'new' ? tags : tags.filter((one) => one !== edited);
    save(
      [...others, tag].sort((a, b) => (a.TagKey < b.TagKey ? -1 : 1)),
      `${tag.TagKey} is required`,
    );
  };
  const drop = (tag: RequiredTag) =>
    save(
      tags.filter((one) => one !== tag),
      `${tag.TagKey} is no longer required`,
    );

  return (
    <Card
      title="Required tags"
      note={
        strategy.UpdatedAt !== undefined && (
          <>
            changed <TimeText at={strategy.UpdatedAt} /> by {shortName(strategy.UpdatedBy ?? '')}
          </>
        )
      }
      flush
      actions={
        mayChange && (
          <Button small icon="plus" look={tags.length === 0 ? 'primary' : 'plain'} onClick={() => setEdited('new')}>
            Require a tag
          </Button>
        )
      }
    >
      <DataTable
        label="Required tags"
        columns={columnsOf(mayChange, setEdited, drop)}
        rows={tags}
        rowId={({ TagKey }) => TagKey}
        empty={
          <EmptyState title="No tag is required yet" icon="tag">
            Say which keys all usage ought to have and which values they may take. What is against it shows below, by
            spend.
          </EmptyState>
        }
      />
      {put.error && edited === undefined && (
        <p className="field-error card-foot" role="alert">
          {sentence(put.error.message)}
        </p>
      )}
      {edited !== undefined && (
        <RequiredTagDialog
          {...(edited !== 'new' && { tag: edited })}
          taken={tags.filter((tag) => tag !== edited).map(({ TagKey }) => TagKey)}
          busy={put.isPending}
          error={put.error}
          onKeep={keep}
          onClose={() => setEdited(undefined)}
        />
      )}
    </Card>
  );
}

function columnsOf(
  mayChange: boolean,
  onEdit: (tag: RequiredTag) => void,
  onDrop: (tag: RequiredTag) => void,
): Column<RequiredTag>[] {
  return [
    { id: 'key', header: 'Key', text: ({ TagKey }) => TagKey, cell: ({ TagKey }) => <code>{TagKey}</code> },
    {
      id: 'values',
      header: 'Allowed values',
      wrap: true,
      text: ({ AllowedValues = [] }) => AllowedValues.join(' '),
      cell: ({ AllowedValues = [] }) =>
        AllowedValues.length === 0 ? (
          <span className="faint">any</span>
        ) : (
          <span className="row">
            {AllowedValues.map((value) => (
              <span key={value} className="chip">
                {value}
              </span>
            ))}
          </span>
        ),
    },
    { id: 'about', header: 'What for', wrap: true, text: ({ Description = '' }) => Description },
    ...(mayChange
      ? [
          {
            id: 'actions',
            header: 'Actions',
            text: () => '',
            cell: (tag: RequiredTag) => (
              <span className="row">
                <Button small onClick={() => onEdit(tag)} aria-label={`Change ${tag.TagKey}`}>
                  Change
                </Button>
                <Button
                  small
                  look="ghost"
                  icon="close"
                  aria-label={`Require ${tag.TagKey} no longer`}
                  onClick={() => onDrop(tag)}
                />
              </span>
            ),
          },
        ]
      : []),
  ];
}
