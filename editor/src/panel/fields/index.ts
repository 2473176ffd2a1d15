/** The field of each type of setting. A type the engine has and this list does not fails `catalog.test.ts`. */
import type { ComponentType } from "react";
import type { SettingType } from "@/journey/types";
import type { FieldProps } from "../form";
import { AccountField, CouponPoolField, GoalField, JourneyField, NodeField, SegmentField } from "./choosers";
import { CronField } from "./CronField";
import { DurationField } from "./DurationField";
import { FiltersField } from "./FiltersField";
import { ListField, ObjectField } from "./ListField";
import { DateField, DateTimeField, TimeField, WeekdaysField, ZoneField } from "./moments";
import {
  AttributeField,
  EventNameField,
  EventNamesField,
  PropertyField,
  TagField,
  TagsField,
  VariableField,
} from "./names";
import { RuleField } from "./RuleField";
import {
  AnyField,
  BooleanField,
  ChoiceField,
  DecimalField,
  LongTextField,
  NumberField,
  TextField,
  UrlField,
} from "./simple";
import { SourceField, ValueFromField } from "./source";
import { JsonTemplateField, TemplateField } from "./TemplateField";
import { AddressesField, ValuesField } from "./values";

export const FIELDS: Record<SettingType, ComponentType<FieldProps>> = {
  account: AccountField,
  addresses: AddressesField,
  any: AnyField,
  attribute: AttributeField,
  boolean: BooleanField,
  choice: ChoiceField,
  coupon_pool: CouponPoolField,
  cron: CronField,
  date: DateField,
  datetime: DateTimeField,
  decimal: DecimalField,
  duration: DurationField,
  event_name: EventNameField,
  event_names: EventNamesField,
  filters: FiltersField,
  goal: GoalField,
  journey: JourneyField,
  json_template: JsonTemplateField,
  list: ListField,
  long_text: LongTextField,
  node: NodeField,
  number: NumberField,
  object: ObjectField,
  property: PropertyField,
  rule: RuleField,
  segment: SegmentField,
  source: SourceField,
  tag: TagField,
  tags: TagsField,
  template: TemplateField,
  text: TextField,
  time: TimeField,
  url: UrlField,
  value_from: ValueFromField,
  values: ValuesField,
  variable: VariableField,
  weekdays: WeekdaysField,
  zone: ZoneField,
};
